// The functions of libbpf that are used, found when they are needed.
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_object;
struct bpf_program;
struct bpf_map;
struct bpf_link;

// As libbpf 1.0 declares them.
struct bpf_library {
  void *(*set_print)(int (*)(int, const char *, va_list));
  struct bpf_object *(*open_mem)(const void *, size_t, const void *);
  int (*load)(struct bpf_object *);
  void (*close)(struct bpf_object *);
  struct bpf_program *(*find_program)(const struct bpf_object *, const char *);
  int (*program_number)(const struct bpf_program *);
  struct bpf_map *(*find_map)(const struct bpf_object *, const char *);
  struct bpf_map *(*next_map)(const struct bpf_object *, const struct bpf_map *);
  const char *(*map_name)(const struct bpf_map *);
  int (*map_number)(const struct bpf_map *);
  uint32_t (*map_entries)(const struct bpf_map *);
  uint32_t (*map_value_size)(const struct bpf_map *);
  int (*set_value)(struct bpf_map *, const void *, size_t);
  struct bpf_link *(*attach)(const struct bpf_program *);
  struct bpf_link *(*attach_iterator)(const struct bpf_program *, const void *);
  int (*link_number)(const struct bpf_link *);
  int (*destroy_link)(struct bpf_link *);
  int (*create_iterator)(int);
};

extern struct bpf_library bpf;

// 0, or -1 where the library is missing or too old. It says nothing by itself from then on.
int bpf_load_library(void);

// The map of an object whose name ends so: the compiler's sections have the object's name before theirs. NULL if there is none.
struct bpf_map *bpf_find_section(const struct bpf_object *object, const char *ending);
