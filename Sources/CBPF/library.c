#define _GNU_SOURCE
#include "library.h"
#include <dlfcn.h>
#include <string.h>

struct bpf_library bpf;

static int say_nothing(int level, const char *format, va_list arguments) { return 0; }

int bpf_load_library(void) {
  void *library = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return -1;
  const struct {
    void **place;
    const char *name;
  } functions[] = {
      {(void **)&bpf.set_print, "libbpf_set_print"},
      {(void **)&bpf.open_mem, "bpf_object__open_mem"},
      {(void **)&bpf.load, "bpf_object__load"},
      {(void **)&bpf.close, "bpf_object__close"},
      {(void **)&bpf.find_program, "bpf_object__find_program_by_name"},
      {(void **)&bpf.program_number, "bpf_program__fd"},
      {(void **)&bpf.find_map, "bpf_object__find_map_by_name"},
      {(void **)&bpf.next_map, "bpf_object__next_map"},
      {(void **)&bpf.map_name, "bpf_map__name"},
      {(void **)&bpf.map_number, "bpf_map__fd"},
      {(void **)&bpf.map_entries, "bpf_map__max_entries"},
      {(void **)&bpf.map_value_size, "bpf_map__value_size"},
      {(void **)&bpf.set_value, "bpf_map__set_initial_value"},
      {(void **)&bpf.attach, "bpf_program__attach"},
      {(void **)&bpf.attach_iterator, "bpf_program__attach_iter"},
      {(void **)&bpf.link_number, "bpf_link__fd"},
      {(void **)&bpf.destroy_link, "bpf_link__destroy"},
      {(void **)&bpf.create_iterator, "bpf_iter_create"},
  };
  for (size_t index = 0; index < sizeof functions / sizeof functions[0]; index += 1) {
    *functions[index].place = dlsym(library, functions[index].name);
    if (!*functions[index].place) return -1;
  }
  bpf.set_print(say_nothing);
  return 0;
}

struct bpf_map *bpf_find_section(const struct bpf_object *object, const char *ending) {
  struct bpf_map *map = NULL;
  while ((map = bpf.next_map(object, map))) {
    const char *name = bpf.map_name(map);
    size_t length = strlen(name), rest = strlen(ending);
    if (length >= rest && strcmp(name + length - rest, ending) == 0) return map;
  }
  return NULL;
}
