#define _GNU_SOURCE
#include "CBPF.h"
#include "library.h"
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

// Maps the variables of an object, which are one map, for good.
static void *map_variables(struct bpf_object *object, unsigned long length) {
  struct bpf_map *map = bpf_find_section(object, ".bss");
  if (!map || bpf.map_value_size(map) < length) {
    errno = ENOENT;
    return NULL;
  }
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, bpf.map_number(map), 0);
  return memory == MAP_FAILED ? NULL : memory;
}

struct bpf_filter bpf_open_filter(const void *bytes, unsigned long length, unsigned long variables) {
  if (bpf_load_library() != 0) return (struct bpf_filter){NULL, -1, BPF_NO_LIBRARY, ENOENT};
  struct bpf_object *object = bpf.open_mem(bytes, length, NULL);
  if (!object) return (struct bpf_filter){NULL, -1, BPF_REFUSED, errno};
  int code = -bpf.load(object);
  struct bpf_program *program = code == 0 ? bpf.find_program(object, "pass") : NULL;
  if (code == 0 && !program) code = ENOENT;
  void *memory = code == 0 ? map_variables(object, variables) : NULL;
  if (code == 0 && !memory) code = errno;
  // The object stays: it holds the program's number.
  if (code == 0) return (struct bpf_filter){memory, bpf.program_number(program), 0, 0};
  bpf.close(object);
  return (struct bpf_filter){NULL, -1, BPF_REFUSED, code};
}
