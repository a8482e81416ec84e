// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Tells which process sends which flow. Two tracing programs: they can neither change nor drop a packet.
//
// `frame` runs for each frame that is handed to an Ethernet device of another network namespace than the auditor's, before
// it is sent: what it tells is there before the capture shows the frame. `open_file` runs once for each open file, for
// sockets that are older than the watch. What is known of a socket is kept with it, and outlives the process and close(2).
//
// `frame` tells the questions that containers ask Docker's resolver, too, and those that its engine passes on from the
// auditor's own namespace.
#include "kernel.h"

// The helpers are for programs under the GPL.
char LICENSE[] SEC("license") = "Dual BSD/GPL";

// The namespace of the auditor, by its inode. Set before the programs are loaded.
const volatile u32 own_namespace = 0;

// How sure it is; the same numbers as in Certainty.swift.
enum { UNKNOWN, KERNEL, LISTED, USED, SENT };

// In the place of how sure it is, in events about a DNS question; the same numbers as in QuestionEvent.swift.
enum { ASKED = 5, PASSED_ON };

enum { FRAME, OPEN_FILE };
enum { ETHERNET = 1, LOOPBACK = 772, ESTABLISHED = 1, IPV4 = 0x0800, IPV6 = 0x86DD, TIME_WAIT = 6, NEW_SYN_RECV = 12 };
enum { FRAGMENT = 44, ANCESTORS = 12, ID_LENGTH = 64, DEEPEST = 32 };

// A flow is told again after this time in nanoseconds: its owner may have been lost or forgotten.
#define TELL_AGAIN 10000000000ull

// Ports and ethertype in the host's order, addresses as on the wire, IPv4 in the first 4 bytes.
struct flow {
  u8 source[16], destination[16];
  u16 source_port, destination_port, ethertype;
  u8 protocol, certainty;
  u32 namespace, process;
};

struct owner {
  u64 started;
  u32 process, inner_process;
  char name[16], executable[32], arguments[64], group[80];
};

// 256 bytes; the same places as in SenderEvent.swift.
struct event {
  struct flow flow;
  struct owner owner;
};

// The same bytes for a question: when it was asked, and how the message goes on behind its header, as far as there is room.
struct question {
  struct flow flow;
  u64 moment;
  u32 process, reserved;
  u8 rest[112];
  char group[80];
};

_Static_assert(sizeof(struct question) == 256 && __builtin_offsetof(struct question, group) == 176,
               "QuestionEvent.swift");
_Static_assert(sizeof(struct event) == 256 && __builtin_offsetof(struct flow, certainty) == 39 &&
                   __builtin_offsetof(struct event, owner.process) == 56 &&
                   __builtin_offsetof(struct event, owner.group) == 176, "SenderEvent.swift");

struct known {
  u32 certainty, reserved;
  struct owner owner;
};

struct {
  __uint(type, MAP_RING);
  __uint(max_entries, 1 << 20);
} events SEC(".maps");

// When a flow of a process was told last.
struct {
  __uint(type, MAP_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, struct flow);
  __type(value, u64);
} told SEC(".maps");

struct {
  __uint(type, MAP_SOCKET_STORAGE);
  __uint(map_flags, NO_PREALLOCATION | INHERITED_BY_ACCEPTED);
  __type(key, int);
  __type(value, struct known);
} sockets SEC(".maps");

// Room that the stack does not have, for each program.
struct {
  __uint(type, MAP_PER_CPU_ARRAY);
  __uint(max_entries, 2);
  __type(key, u32);
  __type(value, struct known);
} rooms SEC(".maps");

// A slice of systemd's may have as long a name, and is no container (systemd.slice(5)).
static always_inline int is_slice(const char *name, u32 size) {
  if (size < 7 || size > sizeof(((struct owner *)0)->group)) return 0;
  return name[size - 2] == 'e' && name[size - 3] == 'c' && name[size - 4] == 'i' && name[size - 5] == 'l' &&
         name[size - 6] == 's' && name[size - 7] == '.';
}

// Writes the name of the outermost group that is as long as a container's id, or nothing: a container that may make groups
// below its own calls them as it likes. Where it has made too many to see the outermost, nothing.
static always_inline void name_container(char *name, struct cgroup *group) {
  const char *outermost = 0;
  for (int step = 0; step < ANCESTORS && group; step += 1) {
    struct kernfs_node *node = 0;
    const char *text = 0;
    READ(node, group->kn);
    READ(text, node->name);
    long size = read_kernel_text(name, sizeof(((struct owner *)0)->group), text);
    if (size > ID_LENGTH && !is_slice(name, size)) outermost = text;
    struct cgroup_subsys_state *parent = 0;
    READ(parent, group->self.parent);
    group = parent ? (void *)parent - OFFSET(group->self) : 0;
  }
  name[0] = 0;
  if (outermost && !group) read_kernel_text(name, sizeof(((struct owner *)0)->group), outermost);
}

static always_inline void name_container_of_socket(char *name, struct sock *socket) {
  struct cgroup *group = 0;
  READ(group, socket->sk_cgrp_data.cgroup);
  name_container(name, group);
}

// Where containers have groups only in the hierarchies of version 1.
static always_inline void name_container_of_task(char *name, struct task_struct *task) {
  if (!ENUM_EXISTS(enum cgroup_subsys_id, memory_cgrp_id)) return;
  struct css_set *groups = 0;
  struct cgroup_subsys_state *memory = 0;
  struct cgroup *group = 0;
  READ(groups, task->cgroups);
  u64 place = ENUM_VALUE(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(void *);
  read_kernel(&memory, sizeof memory, (void *)&groups->subsys[0] + place);
  READ(group, memory->cgroup);
  name_container(name, group);
}

static always_inline u32 process_in_its_namespace(struct task_struct *leader) {
  struct pid *number = 0;
  u32 level = 0;
  int value = 0;
  READ(number, leader->thread_pid);
  READ(level, number->level);
  if (level > DEEPEST) return 0;
  read_kernel(&value, sizeof value, (void *)&number->numbers[0].nr + level * SIZE_OF_TYPE(struct upid));
  return value;
}

static always_inline void name_executable(struct owner *owner, struct mm_struct *memory) {
  struct file *file = 0;
  struct dentry *entry = 0;
  const u8 *name = 0;
  READ(file, memory->exe_file);
  READ(entry, file->f_path.dentry);
  READ(name, entry->d_name.name);
  read_kernel_text(owner->executable, sizeof owner->executable, name);
}

// Never what comes after the arguments: that is the environment.
static always_inline void copy_arguments(struct owner *owner, struct mm_struct *memory) {
  unsigned long start = 0, end = 0;
  READ(start, memory->arg_start);
  READ(end, memory->arg_end);
  if (!start || end <= start) return;
  u64 length = end - start;
  if (length > sizeof owner->arguments) length = sizeof owner->arguments;
  read_user(owner->arguments, length, (void *)start);
}

static always_inline void describe(struct owner *owner, struct task_struct *task, struct sock *socket) {
  struct task_struct *leader = 0;
  struct mm_struct *memory = 0;
  READ(leader, task->group_leader);
  READ(memory, task->mm);
  READ(owner->started, leader->start_boottime);
  owner->process = task->tgid;
  owner->inner_process = process_in_its_namespace(leader);
  READ(owner->name, leader->comm);
  owner->executable[0] = 0;
  __builtin_memset(owner->arguments, 0, sizeof owner->arguments);
  if (memory) name_executable(owner, memory);
  name_container_of_socket(owner->group, socket);
  if (!owner->group[0]) name_container_of_task(owner->group, task);
}

// Whether this is the process that sends. In a soft interrupt the current task is any: it is believed only if the first
// argument of its system call is a descriptor of this very socket.
static always_inline int is_sending(struct task_struct *task, struct socket *socket) {
  void *registers = task_registers(task);
  u64 number = 0;
  if (EXISTS(((struct pt_regs___x86 *)0)->di)) {
    READ(number, ((struct pt_regs___x86 *)registers)->di);
  } else if (EXISTS(((struct pt_regs___arm *)0)->orig_x0)) {
    READ(number, ((struct pt_regs___arm *)registers)->orig_x0);
  } else {
    return 0;
  }
  struct files_struct *files = 0;
  struct fdtable *table = 0;
  struct file **list = 0, *file = 0;
  void *private = 0;
  u32 count = 0, descriptor = number;
  READ(files, task->files);
  if (!files || !socket) return 0;
  READ(table, files->fdt);
  READ(count, table->max_fds);
  if (descriptor >= count) return 0;
  READ(list, table->fd);
  read_kernel(&file, sizeof file, list + descriptor);
  READ(private, file->private_data);
  return private == socket;
}

static always_inline void read_ports(struct flow *flow, const u8 *header) {
  enum { TCP = 6, UDP = 17, SCTP = 132, UDP_LITE = 136 };
  if (flow->protocol != TCP && flow->protocol != UDP && flow->protocol != SCTP && flow->protocol != UDP_LITE) return;
  u16 ports[2] = {};
  read_kernel(ports, sizeof ports, header);
  flow->source_port = __builtin_bswap16(ports[0]);
  flow->destination_port = __builtin_bswap16(ports[1]);
}

static always_inline int read_ipv4(struct flow *flow, const u8 *header) {
  u8 bytes[20] = {};
  if (read_kernel(bytes, sizeof bytes, header) != 0 || bytes[0] >> 4 != 4) return 0;
  __builtin_memcpy(flow->source, bytes + 12, 4);
  __builtin_memcpy(flow->destination, bytes + 16, 4);
  flow->protocol = bytes[9];
  if (((bytes[6] & 0x1F) | bytes[7]) == 0) read_ports(flow, header + (bytes[0] & 0x0F) * 4);
  return 1;
}

// Behind at most one fragment header; other extension headers leave the ports unknown.
static always_inline int read_ipv6(struct flow *flow, const u8 *header) {
  u8 bytes[48] = {};
  if (read_kernel(bytes, 40, header) != 0 || bytes[0] >> 4 != 6) return 0;
  __builtin_memcpy(flow->source, bytes + 8, 16);
  __builtin_memcpy(flow->destination, bytes + 24, 16);
  flow->protocol = bytes[6];
  if (flow->protocol != FRAGMENT) {
    read_ports(flow, header + 40);
  } else if (read_kernel(bytes + 40, 8, header + 40) == 0) {
    flow->protocol = bytes[40];
    if ((bytes[42] | (bytes[43] & 0xF8)) == 0) read_ports(flow, header + 48);
  }
  return 1;
}

static always_inline int read_flow(struct flow *flow, struct sk_buff *packet) {
  const u8 *header = packet->head + packet->network_header;
  flow->ethertype = __builtin_bswap16(packet->protocol);
  if (flow->ethertype == IPV4) return read_ipv4(flow, header);
  if (flow->ethertype == IPV6) return read_ipv6(flow, header);
  return 0;
}

static always_inline void tell(struct flow *flow, struct owner *owner, struct sock *socket) {
  u64 now = monotonic_time();
  u64 *before = map_lookup(&told, flow);
  if (before && now - *before < TELL_AGAIN) return;
  struct event *event = ring_reserve(&events, sizeof *event, 0);
  if (!event) return;
  event->flow = *flow;
  if (owner) {
    event->owner = *owner;
  } else {
    __builtin_memset(&event->owner, 0, sizeof event->owner);
    if (socket) name_container_of_socket(event->owner.group, socket);
  }
  ring_submit(event, 0);
  map_update(&told, flow, &now, 0);
}

// Whether this is the engine's process by its executable's name, which outside of containers only the machine's own
// programs choose.
static always_inline int is_engine(struct task_struct *task) {
  struct mm_struct *memory = 0;
  struct file *file = 0;
  struct dentry *entry = 0;
  const u8 *text = 0;
  u8 name[16] = {};
  READ(memory, task->mm);
  if (!memory) return 0;
  READ(file, memory->exe_file);
  READ(entry, file->f_path.dentry);
  READ(text, entry->d_name.name);
  return read_kernel_text(name, sizeof name, text) == 8 && name[0] == 'd' && name[1] == 'o' && name[2] == 'c' &&
         name[3] == 'k' && name[4] == 'e' && name[5] == 'r' && name[6] == 'd';
}

// Over UDP and IPv4, one question and no answer: as resolvers ask.
static always_inline void tell_question(struct flow *flow, struct sk_buff *packet, struct sock *socket) {
  enum { UDP = 17, UDP_HEADER = 8, DNS_HEADER = 12, RESPONSE = 0x80 };
  const u8 *header = packet->head + packet->network_header;
  u8 first = 0, length[2] = {}, message[DNS_HEADER] = {};
  if (flow->ethertype != IPV4 || flow->protocol != UDP || !flow->destination_port) return;
  if (read_kernel(&first, 1, header) != 0) return;
  header += (first & 0x0F) * 4;
  if (read_kernel(length, sizeof length, header + 4) != 0) return;
  if (read_kernel(message, sizeof message, header + UDP_HEADER) != 0) return;
  if (message[2] & RESPONSE || message[4] != 0 || message[5] != 1) return;
  u32 whole = length[0] << 8 | length[1], rest = whole - UDP_HEADER - DNS_HEADER;
  if (whole <= UDP_HEADER + DNS_HEADER) return;
  struct question *question = ring_reserve(&events, sizeof *question, 0);
  if (!question) return;
  __builtin_memset(question, 0, sizeof *question);
  question->flow = *flow;
  question->moment = monotonic_time();
  struct task_struct *task = current_task();
  if (is_sending(task, socket->sk_socket)) question->process = task->tgid;
  if (rest > sizeof question->rest) rest = sizeof question->rest;
  read_kernel(question->rest, rest, header + UDP_HEADER + DNS_HEADER);
  name_container_of_socket(question->group, socket);
  if (!question->group[0] && question->process) name_container_of_task(question->group, task);
  ring_submit(question, 0);
}

// To Docker's resolver inside of a container's namespace.
static always_inline void tell_asked(struct flow *flow, struct sk_buff *packet, struct sock *socket) {
  if (!socket || !read_flow(flow, packet)) return;
  if (flow->destination[0] != 127 || flow->destination[1] || flow->destination[2] || flow->destination[3] != 11) return;
  flow->certainty = ASKED;
  tell_question(flow, packet, socket);
}

// By the engine, to any resolver. It connects its sockets.
static always_inline void tell_passed_on(struct flow *flow, struct sk_buff *packet, struct sock *socket) {
  enum { UDP = 17 };
  if (!socket || socket->__sk_common.skc_state != ESTABLISHED) return;
  if (socket->__sk_common.skc_dport != __builtin_bswap16(53) || socket->sk_protocol != UDP) return;
  if (!is_engine(current_task()) || !read_flow(flow, packet)) return;
  flow->certainty = PASSED_ON;
  tell_question(flow, packet, socket);
}

SEC("tp_btf/net_dev_queue")
int frame(u64 *arguments) {
  struct sk_buff *packet = (void *)arguments[0];
  struct net_device *device = packet->dev;
  u16 type = device->type;
  if (type != ETHERNET && type != LOOPBACK) return 0;
  struct flow flow = {.namespace = device->nd_net.net->ns.inum};
  struct sock *socket = packet->sk;
  if (flow.namespace == own_namespace) {
    tell_passed_on(&flow, packet, socket);
    return 0;
  }
  if (type == LOOPBACK) {
    tell_asked(&flow, packet, socket);
    return 0;
  }
  if (!read_flow(&flow, packet)) return 0;

  u8 state = socket ? socket->__sk_common.skc_state : 0;
  if (!socket || state == TIME_WAIT || state == NEW_SYN_RECV) {
    flow.certainty = KERNEL;
    tell(&flow, 0, 0);
    return 0;
  }
  // A socket that no program opened has no file. One that was closed has no `sk_socket`.
  struct socket *opened = socket->sk_socket;
  struct file *file = 0;
  if (opened) READ(file, opened->file);
  if (opened && !file) {
    flow.certainty = KERNEL;
    tell(&flow, 0, socket);
    return 0;
  }
  struct known *known = socket_storage(&sockets, socket, 0, 0);
  struct task_struct *task = current_task();
  u32 process = task->tgid;
  if (known && known->certainty == SENT && known->owner.process == process) {
    flow.certainty = SENT;
    flow.process = process;
    tell(&flow, &known->owner, socket);
    return 0;
  }
  if (is_sending(task, opened)) {
    u32 place = FRAME;
    struct known *room = map_lookup(&rooms, &place);
    if (!room) return 0;
    room->certainty = SENT;
    describe(&room->owner, task, socket);
    copy_arguments(&room->owner, task->mm);
    // Made anew, so that nobody sees half of it.
    if (known) forget_socket(&sockets, socket);
    socket_storage(&sockets, socket, room, MAKE_IF_MISSING);
    flow.certainty = SENT;
    flow.process = process;
    tell(&flow, &room->owner, socket);
    return 0;
  }
  if (known) {
    flow.certainty = known->certainty == SENT ? USED : known->certainty;
    flow.process = known->owner.process;
    tell(&flow, &known->owner, socket);
    return 0;
  }
  tell(&flow, 0, socket);
  return 0;
}

SEC("iter/task_file")
int open_file(struct bpf_iter__task_file *context) {
  struct task_struct *task = context->task;
  struct file *file = context->file;
  if (!task || !file) return 0;
  struct socket *opened = socket_of_file(file);
  if (!opened) return 0;
  struct sock *socket = opened->sk;
  if (!socket || socket->__sk_common.skc_net.net->ns.inum == own_namespace) return 0;
  struct known *known = socket_storage(&sockets, socket, 0, 0);
  if (known) {
    // Who has sent since is known better. Of several processes none can be told to be the one.
    if (known->certainty != LISTED || known->owner.process == task->tgid) return 0;
    known->owner.process = known->owner.inner_process = 0;
    known->owner.name[0] = known->owner.executable[0] = 0;
    return 0;
  }
  u32 place = OPEN_FILE;
  struct known *room = map_lookup(&rooms, &place);
  if (!room) return 0;
  room->certainty = LISTED;
  describe(&room->owner, task, socket);
  socket_storage(&sockets, socket, room, MAKE_IF_MISSING);
  return 0;
}
