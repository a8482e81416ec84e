// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The few fields of the kernel and the few helpers (bpf-helpers(7)) that senders.bpf.c uses, instead of a vmlinux.h.
//
// Only names matter: the loader puts in where a field is in the running kernel (preserve_access_index).
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name

enum {
  MAP_LRU_HASH = 9,
  MAP_PER_CPU_ARRAY = 6,
  MAP_SOCKET_STORAGE = 24,
  MAP_RING = 27,
  NO_PREALLOCATION = 1,
  INHERITED_BY_ACCEPTED = 1 << 9,
  MAKE_IF_MISSING = 1,
};

struct file;
struct sock;
struct socket;
struct task_struct;

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u64 (*const monotonic_time)(void) = (void *)5;
static void *(*const socket_storage)(void *map, void *socket, void *value, u64 flags) = (void *)107;
static long (*const forget_socket)(void *map, void *socket) = (void *)108;
static long (*const read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*const read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const read_kernel_text)(void *to, u32 size, const void *from) = (void *)115;
static void *(*const ring_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*const ring_submit)(void *record, u64 flags) = (void *)132;
static struct task_struct *(*const current_task)(void) = (void *)158;
static struct socket *(*const socket_of_file)(struct file *file) = (void *)162;
static void *(*const task_registers)(struct task_struct *task) = (void *)175;

#define always_inline inline __attribute__((always_inline))

#define READ(to, from) read_kernel(&(to), sizeof(to), &(from))
#define OFFSET(field) __builtin_preserve_field_info(field, 0)
#define EXISTS(field) __builtin_preserve_field_info(field, 2)
#define SIZE_OF_TYPE(type) __builtin_preserve_type_info(*(type *)0, 1)
#define ENUM_EXISTS(type, name) __builtin_preserve_enum_value(*(type *)name, 0)
#define ENUM_VALUE(type, name) __builtin_preserve_enum_value(*(type *)name, 1)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common { u32 inum; };
struct net { struct ns_common ns; };
typedef struct { struct net *net; } possible_net_t;

struct net_device {
  u16 type;
  possible_net_t nd_net;
};

struct sock_common {
  volatile u8 skc_state;
  u16 skc_dport;
  possible_net_t skc_net;
};

struct kernfs_node { const char *name; };
struct cgroup;
struct cgroup_subsys_state {
  struct cgroup *cgroup;
  struct cgroup_subsys_state *parent;
};
struct cgroup {
  struct cgroup_subsys_state self;
  struct kernfs_node *kn;
};
struct css_set { struct cgroup_subsys_state *subsys[1]; };
enum cgroup_subsys_id { memory_cgrp_id = 1 };
struct sock_cgroup_data { struct cgroup *cgroup; };

struct qstr { const u8 *name; };
struct dentry { struct qstr d_name; };
struct path { struct dentry *dentry; };
struct file {
  void *private_data;
  struct path f_path;
};
struct socket {
  struct file *file;
  struct sock *sk;
};
struct sock {
  struct sock_common __sk_common;
  struct socket *sk_socket;
  u16 sk_protocol;
  struct sock_cgroup_data sk_cgrp_data;
};

struct sk_buff {
  struct net_device *dev;
  struct sock *sk;
  unsigned char *head;
  u16 protocol;
  u16 network_header;
};

struct fdtable {
  u32 max_fds;
  struct file **fd;
};
struct files_struct { struct fdtable *fdt; };
struct mm_struct {
  unsigned long arg_start, arg_end;
  struct file *exe_file;
};
struct upid { int nr; };
struct pid {
  u32 level;
  struct upid numbers[1];
};
struct task_struct {
  int tgid;
  u64 start_boottime;
  char comm[16];
  struct mm_struct *mm;
  struct files_struct *files;
  struct css_set *cgroups;
  struct pid *thread_pid;
  struct task_struct *group_leader;
};

// The first argument of a running system call, on x86-64 and on arm64.
struct pt_regs___x86 { unsigned long di; };
struct pt_regs___arm { u64 orig_x0; };

struct bpf_iter__task_file {
  void *meta;
  struct task_struct *task;
  u32 fd;
  struct file *file;
};

#pragma clang attribute pop
