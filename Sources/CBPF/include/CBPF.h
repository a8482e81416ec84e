// libbpf, loaded when it is needed, since the audit works without it; and what this process shares with its programs in the
// kernel, a ring buffer of events and variables: to use them takes no system call and no privilege.
#pragma once

#define BPF_EVENT_LENGTH 256

struct bpf_senders;

enum bpf_failure {
  BPF_NO_LIBRARY = 1, // libbpf.so.1 is not there, or is too old
  BPF_NO_TYPES,       // the kernel does not describe its types (BTF)
  BPF_REFUSED,        // the kernel, see `code`
};

struct bpf_opened {
  struct bpf_senders *senders; // NULL on failure
  enum bpf_failure failure;
  int code; // errno
};

// Loads and attaches the programs of an object with `frame`, `open_file`, `events` and `own_namespace`, and has `open_file` run
// once over all open files. They stay until this process ends: nothing is pinned. Before other threads are started.
struct bpf_opened bpf_open(const void *object, unsigned long length);

// Passes over the oldest events, until at most `kept` are left. How many there were.
unsigned long bpf_skip_events(struct bpf_senders *senders, unsigned long kept);

// Takes the oldest event. 1, or 0 if there is none: never waits. By one thread only.
int bpf_take_event(struct bpf_senders *senders, unsigned char event[BPF_EVENT_LENGTH]);

// A socket filter, and its variables, mapped for good.
struct bpf_filter {
  void *variables; // NULL on failure
  int program;     // what setsockopt(2) takes for SO_ATTACH_BPF
  enum bpf_failure failure;
  int code; // errno
};

// Loads the program `pass` of an object that has so many bytes of variables. Before other threads are started.
struct bpf_filter bpf_open_filter(const void *object, unsigned long length, unsigned long variables);
