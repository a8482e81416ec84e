// What an audit and its program in the kernel (counting.bpf.c) share: the interfaces whose frames pass, and the flows whose
// frames the kernel counts in place of passing them. Memory of both: no system call, and no privilege once it is mapped.
//
// A flow's word says which frame is counted next, in the lower 48 bits; above it is the generation of its place, and on top
// whether nothing is counted. Whoever counts a frame has changed the word as it was before the key was compared (compare and
// exchange), so no frame is counted under a flow that has been given up, nor under the next one of its place.
//
//      63        62 ... 48      47 ... 0
//     +---------+------------+--------------------------------------------------------------
//     | stopped | generation | frames counted; of a sender's messages, the counter awaited
//     +---------+------------+--------------------------------------------------------------
#pragma once

enum { COUNTED_FLOWS = 4096, COUNTED_WAYS = 4 };

#define COUNTED_STOPPED (1ull << 63)
#define COUNTED_VALUE ((1ull << 48) - 1)
// In place of a counter: the next message passes, and those in order behind it are counted; and somebody is noting that one.
#define COUNTED_ARMING COUNTED_VALUE
#define COUNTED_ARMED_NOW (COUNTED_VALUE - 1)

// PLAIN: all packets of the flow. RECEIVED: messages of transport data. SENT: those to `receiver`, in the order of their
// counters; with the first that is not the one awaited, counting stops.
enum { COUNTED_PLAIN, COUNTED_RECEIVED, COUNTED_SENT };

// As LinkFlow.swift has them: two words of the cooked header, addresses, and ports, IP version and protocol.
struct counted_key {
  unsigned long long words[7];
};

// `done` counts what is counted in whole: the kernel raises it last. `last` is the time since the machine was started, in nanoseconds.
// `first` is the counter behind the message that passed.
struct counted_flow {
  unsigned long long word, first, done, bytes, keepalives, keepalive_bytes, last;
  unsigned int kind, receiver;
  struct counted_key key;
  unsigned long long reserved;
};

_Static_assert(sizeof(struct counted_flow) == 128, "two cache lines");

// The first of a key's places. With a seed that nobody outside knows: a container chooses its own ports.
static inline unsigned int counted_place(unsigned long long seed, const struct counted_key *key) {
  unsigned long long hash = seed;
  for (int index = 0; index < 7; index += 1) {
    hash = (hash ^ key->words[index]) * 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 32;
  }
  // What differs in the last word's upper bits, the ports, has not reached the lower ones yet.
  hash *= 0x9E3779B97F4A7C15ull;
  return (unsigned int)(hash >> 40) & (COUNTED_FLOWS - COUNTED_WAYS);
}

#ifndef __bpf__
struct counting;

unsigned long counting_size(void);

// Before the program is attached: nothing passes, and nothing is counted. `length` is how much of a frame passes, in bytes.
void counting_begin(struct counting *shared, unsigned long long seed, unsigned int length);

// Frames of these interfaces and of those with a greater index than `newest` pass from now on; where they are too many to be
// told apart, those of all interfaces. An interface that stays selected is so all the time.
void counting_select(struct counting *shared, const unsigned int *indices, unsigned int count, unsigned int newest);

unsigned long long counting_seed(const struct counting *shared);
struct counted_flow *counting_flow(struct counting *shared, unsigned int place);

static inline unsigned long long counted_load(const unsigned long long *place) {
  return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

static inline void counted_store(unsigned long long *place, unsigned long long value) {
  __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

// Ends counting. The word as it was.
static inline unsigned long long counted_stop(unsigned long long *word) {
  return __atomic_fetch_or(word, COUNTED_STOPPED, __ATOMIC_ACQ_REL);
}
#endif
