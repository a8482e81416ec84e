// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The filter of the capture's packet socket. It passes frames of the audited interfaces; those of flows that the audit has
// judged already it counts and does not pass. It never drops what it has not counted: what differs in anything from the
// flow's other packets passes.
//
// What is plain is what PlainPacket.swift calls so, and a message is what TransportData.swift calls one.
#include "shared.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define always_inline inline __attribute__((always_inline))

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// The beginning of the kernel's view of a packet for programs (linux/bpf.h).
struct __sk_buff {
  u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto, priority, ingress_ifindex, ifindex;
};

static u64 (*const time_since_boot)(void) = (void *)125;
static long (*const load_bytes)(const struct __sk_buff *packet, u32 offset, void *to, u32 length) = (void *)26;
static long (*const load_link_bytes)(const struct __sk_buff *packet, u32 offset, void *to, u32 length, u32 from) = (void *)68;

enum { FROM_LINK_HEADER = 0, COOKED_HEADER = 20, UDP = 17, TCP = 6 };
enum { IPV4 = 0x0008, IPV6 = 0xDD86 };  // as on the wire, read on a little-endian machine

struct counting shared;

static always_inline u16 big16(const u8 *at) { return __builtin_bswap16(*(const u16 *)at); }
static always_inline u32 big32(const u8 *at) { return __builtin_bswap32(*(const u32 *)at); }
static always_inline u64 big64(const u8 *at) { return (u64)big32(at) << 32 | big32(at + 4); }

static always_inline int is_selected(u32 index) {
  if (index > shared.newest) return 1;
  return shared.selection[counting_place(index) & (SELECTION_PLACES - 1)] == index ||
         shared.selection[counting_other_place(index) & (SELECTION_PLACES - 1)] == index;
}

// A plain packet: its key, where its transport header is, its length with that header, and what UDP says of that length.
struct plain {
  struct counted_key key;
  u32 offset, length, datagram, protocol;
};

static always_inline int read_plain(const struct __sk_buff *packet, struct plain *plain) {
  u8 header[48] __attribute__((aligned(8)));
  u64 *words = plain->key.words;
  u32 ports, version = 0;
  if (packet->vlan_present) return 0;
  if (packet->protocol == IPV4) {
    if (load_bytes(packet, 0, header, 28) != 0 || header[0] != 0x45 || (big16(header + 6) & 0x3FFF) != 0) return 0;
    u32 total = big16(header + 2);
    if (total < 20) return 0;
    plain->length = total - 20;
    plain->offset = 20;
    plain->protocol = header[9];
    plain->datagram = big16(header + 24);
    ports = big32(header + 20);
    words[2] = big64(header + 12);
    words[3] = words[4] = words[5] = 0;
  } else if (packet->protocol == IPV6) {
    if (load_bytes(packet, 0, header, 48) != 0 || (header[0] & 0xF0) != 0x60) return 0;
    plain->length = big16(header + 4);
    plain->offset = 40;
    plain->protocol = header[6];
    plain->datagram = big16(header + 44);
    ports = big32(header + 40);
    version = 1 << 8;
    for (int index = 0; index < 4; index += 1) words[2 + index] = big64(header + 8 + 8 * index);
  } else {
    return 0;
  }
  if (plain->protocol == UDP ? plain->length < 8 : plain->protocol != TCP || plain->length < 20) return 0;
  u8 source[8] __attribute__((aligned(8))) = {0};
  if (load_link_bytes(packet, 6, source, 6, FROM_LINK_HEADER) != 0) return 0;
  words[0] = (u64)packet->ifindex << 32 | 1 << 16 | (packet->pkt_type & 0xFF) << 8 | 6;
  words[1] = big64(source);
  words[6] = (u64)ports << 32 | version | plain->protocol;
  return 1;
}

static always_inline int is_same(const struct counted_key *one, const struct counted_key *other) {
  u64 difference = 0;
  for (int index = 0; index < 7; index += 1) difference |= one->words[index] ^ other->words[index];
  return difference == 0;
}

static always_inline int exchange(struct counted_flow *flow, u64 old, u64 new) {
  return __sync_val_compare_and_swap(&flow->word, old, new) == old;
}

// Whether the sender's message is the one awaited. The first one arms the flow; one out of order stops it.
static always_inline int is_awaited(struct counted_flow *flow, u64 word, u64 counter) {
  u64 value = word & COUNTED_VALUE, rest = word & ~COUNTED_VALUE;
  if (value == COUNTED_ARMED_NOW || counter >= COUNTED_ARMED_NOW - 1) return 0;
  if (value == COUNTED_ARMING) {
    if (!exchange(flow, word, rest | COUNTED_ARMED_NOW)) return 0;
    flow->first = counter + 1;
    exchange(flow, rest | COUNTED_ARMED_NOW, rest | (counter + 1));
    return 0;
  }
  if (value == counter) return 1;
  exchange(flow, word, word | COUNTED_STOPPED);
  return 0;
}

// Counts the packet, or leaves it: then it passes.
static always_inline int count_packet(
    const struct __sk_buff *packet, struct counted_flow *flow, u64 word, const struct plain *plain) {
  int is_keepalive = 0;
  if (flow->kind != COUNTED_PLAIN) {
    u32 longest = plain->offset == 40 ? 1460 : 1480;
    u8 message[16] __attribute__((aligned(8)));
    if (plain->protocol != UDP || plain->length < 40 || plain->length > longest || plain->datagram != plain->length ||
        load_bytes(packet, plain->offset + 8, message, sizeof message) != 0 || big32(message) != 0x04000000)
      return 0;
    is_keepalive = plain->length == 40;
    if (flow->kind == COUNTED_SENT &&
        (*(u32 *)(message + 4) != flow->receiver || !is_awaited(flow, word, *(u64 *)(message + 8))))
      return 0;
  }
  if (!exchange(flow, word, word + 1)) return 0;
  u64 length = packet->len + COOKED_HEADER;
  if (is_keepalive) {
    __sync_fetch_and_add(&flow->keepalives, 1);
    __sync_fetch_and_add(&flow->keepalive_bytes, length);
  } else {
    __sync_fetch_and_add(&flow->bytes, length);
  }
  *(volatile u64 *)&flow->last = time_since_boot();
  __sync_fetch_and_add(&flow->done, 1);
  return 1;
}

static always_inline int is_counted(const struct __sk_buff *packet) {
  struct plain plain;
  if (!read_plain(packet, &plain)) return 0;
  u32 place = counted_place(shared.seed, &plain.key);
  for (u32 way = 0; way < COUNTED_WAYS; way += 1) {
    struct counted_flow *flow = &shared.flows[(place + way) & (COUNTED_FLOWS - 1)];
    u64 word = *(volatile u64 *)&flow->word;
    if (word & COUNTED_STOPPED || !is_same(&flow->key, &plain.key)) continue;
    return count_packet(packet, flow, word, &plain);
  }
  return 0;
}

SEC("socket")
int pass(struct __sk_buff *packet) {
  if (!is_selected(packet->ifindex)) return 0;
  return is_counted(packet) ? 0 : shared.length;
}
