#define _GNU_SOURCE
#include "CBPF.h"
#include "library.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct bpf_senders {
  struct bpf_object *object;
  struct bpf_link *link;
  unsigned long *consumed;
  const unsigned long *produced;
  const unsigned char *data;
  unsigned long mask;
};

// The kernel writes to memory that this process can only read, apart from the consumer's position (BPF_MAP_TYPE_RINGBUF). The
// data are mapped twice in a row, so that no event wraps around.
static int map_ring(struct bpf_senders *senders) {
  struct bpf_map *map = bpf.find_map(senders->object, "events");
  if (!map) return -ENOENT;
  size_t page = (size_t)sysconf(_SC_PAGESIZE), size = bpf.map_entries(map);
  senders->consumed = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, bpf.map_number(map), 0);
  if (senders->consumed == MAP_FAILED) return -errno;
  unsigned char *rest = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, bpf.map_number(map), (off_t)page);
  if (rest == MAP_FAILED) {
    int code = errno;
    munmap(senders->consumed, page);
    return -code;
  }
  senders->produced = (const unsigned long *)rest;
  senders->data = rest + page;
  senders->mask = size - 1;
  return 0;
}

// The map of constants holds only the number of this process's network namespace.
static int name_own_namespace(struct bpf_object *object) {
  struct stat status;
  if (stat("/proc/self/ns/net", &status) != 0) return -errno;
  uint32_t number = (uint32_t)status.st_ino;
  struct bpf_map *map = bpf_find_section(object, ".rodata");
  return map ? bpf.set_value(map, &number, sizeof number) : -ENOENT;
}

static int list_sockets(struct bpf_object *object) {
  struct bpf_program *program = bpf.find_program(object, "open_file");
  if (!program) return -ENOENT;
  struct bpf_link *link = bpf.attach_iterator(program, NULL);
  if (!link) return -errno;
  int number = bpf.create_iterator(bpf.link_number(link));
  int code = number < 0 ? number : 0;
  if (number >= 0) {
    char bytes[64];
    ssize_t count;
    do count = read(number, bytes, sizeof bytes);
    while (count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN)));
    if (count < 0) code = -errno;
    close(number);
  }
  bpf.destroy_link(link);
  return code;
}

static int attach_frames(struct bpf_senders *senders) {
  struct bpf_program *program = bpf.find_program(senders->object, "frame");
  if (!program) return -ENOENT;
  senders->link = bpf.attach(program);
  return senders->link ? 0 : -errno;
}

struct bpf_opened bpf_open(const void *bytes, unsigned long length) {
  if (bpf_load_library() != 0) return (struct bpf_opened){NULL, BPF_NO_LIBRARY, ENOENT};
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) return (struct bpf_opened){NULL, BPF_NO_TYPES, errno};
  struct bpf_senders *senders = calloc(1, sizeof *senders);
  if (!senders) return (struct bpf_opened){NULL, BPF_REFUSED, ENOMEM};
  int code = 0;
  senders->object = bpf.open_mem(bytes, length, NULL);
  if (!senders->object) code = -errno;
  if (code == 0) code = name_own_namespace(senders->object);
  if (code == 0) code = bpf.load(senders->object);
  if (code == 0) code = map_ring(senders);
  if (code == 0) code = attach_frames(senders);
  if (code == 0) code = list_sockets(senders->object);
  if (code == 0) return (struct bpf_opened){senders, 0, 0};
  if (senders->link) bpf.destroy_link(senders->link);
  if (senders->object) bpf.close(senders->object);
  free(senders);
  return (struct bpf_opened){NULL, BPF_REFUSED, -code};
}

// A record of the ring is a header of 8 bytes, and an event, which is all that the programs write.
enum { HEADER = 8, RECORD = HEADER + BPF_EVENT_LENGTH };

// The next record, if it is written; NULL if not. `word` is its length, with the kernel's two marks.
static const unsigned char *next_record(struct bpf_senders *senders, uint32_t *word) {
  const uint32_t busy = 1u << 31;
  unsigned long position = *senders->consumed;
  if (position == __atomic_load_n(senders->produced, __ATOMIC_ACQUIRE)) return NULL;
  const unsigned char *record = senders->data + (position & senders->mask);
  *word = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
  return *word & busy ? NULL : record;
}

static void pass_over(struct bpf_senders *senders, uint32_t word) {
  const uint32_t discarded = 1u << 30;
  unsigned long length = ((word & ~discarded) + HEADER + 7) & ~7ul;
  __atomic_store_n(senders->consumed, *senders->consumed + length, __ATOMIC_RELEASE);
}

unsigned long bpf_skip_events(struct bpf_senders *senders, unsigned long kept) {
  unsigned long count = 0;
  uint32_t word;
  while (__atomic_load_n(senders->produced, __ATOMIC_ACQUIRE) - *senders->consumed > kept * RECORD &&
         next_record(senders, &word)) {
    pass_over(senders, word);
    count += 1;
  }
  return count;
}

int bpf_take_event(struct bpf_senders *senders, unsigned char event[BPF_EVENT_LENGTH]) {
  uint32_t word;
  const unsigned char *record;
  while ((record = next_record(senders, &word))) {
    // Nothing else is as long: neither another record nor one that was taken back.
    int is_event = word == BPF_EVENT_LENGTH;
    if (is_event) memcpy(event, record + HEADER, BPF_EVENT_LENGTH);
    pass_over(senders, word);
    if (is_event) return 1;
  }
  return 0;
}
