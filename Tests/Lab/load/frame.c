#include "frame.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { link_length = 14, ip_length = 20, udp_length = 8, tcp_length = 20, flow_count = 1000 };

static const uint32_t container = 0xAC120002;  // 172.18.0.2
static const uint32_t endpoint = 0xCB0071B2;   // 203.0.113.178
static const uint32_t resolver = 0xC6336435;   // 198.51.100.53
// 198.18.0.0/15 is for benchmarks (RFC 2544).
static const uint32_t outside = 0xC6120000;
static const uint32_t neighbour = 0xC0A80120;  // 192.168.1.32

static void put16(unsigned char *bytes, unsigned value) {
  bytes[0] = (unsigned char)(value >> 8);
  bytes[1] = (unsigned char)value;
}

static void put32(unsigned char *bytes, uint32_t value) {
  put16(bytes, value >> 16);
  put16(bytes + 2, value & 0xFFFF);
}

static void checksum(unsigned char *header) {
  uint32_t sum = 0;
  for (int offset = 0; offset < ip_length; offset += 2) sum += (uint32_t)header[offset] << 8 | header[offset + 1];
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  put16(header + 10, ~sum & 0xFFFF);
}

// Headers up to IP's, in front of so many bytes.
static unsigned char *begin(unsigned char *frame, int protocol, uint32_t destination, size_t length) {
  memset(frame, 0, link_length + ip_length + tcp_length);
  memcpy(frame, "\x02\x42\xac\x12\x00\x01\x02\x42\xac\x12\x00\x02\x08\x00", link_length);
  unsigned char *packet = frame + link_length;
  packet[0] = 0x45;
  put16(packet + 2, (unsigned)(ip_length + length));
  put16(packet + 6, 0x4000);
  packet[8] = 64;
  packet[9] = (unsigned char)protocol;
  put32(packet + 12, container);
  put32(packet + 16, destination);
  checksum(packet);
  return packet + ip_length;
}

static unsigned char *begin_udp(
    unsigned char *frame, uint32_t destination, unsigned source_port, unsigned port, size_t length) {
  unsigned char *udp = begin(frame, 17, destination, udp_length + length);
  put16(udp, source_port);
  put16(udp + 2, port);
  put16(udp + 4, (unsigned)(udp_length + length));
  return udp + udp_length;
}

static size_t end_udp(size_t length) { return link_length + ip_length + udp_length + length; }

// What is compressed or encrypted looks like this: no byte stands out.
static void put_noise(unsigned char *bytes, size_t length, uint64_t number) {
  uint64_t state = number * 0x9E3779B97F4A7C15u + 1;
  for (size_t offset = 0; offset + 8 <= length; offset += 8) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    memcpy(bytes + offset, &state, 8);
  }
}

static size_t make_tunnel(unsigned char *frame, uint64_t number) {
  enum { length = 112 };
  unsigned char *message = begin_udp(frame, endpoint, 40001, 51820, length);
  memset(message, 0, length);
  message[0] = 4;
  message[4] = 1;
  for (int byte = 0; byte < 8; byte += 1) message[8 + byte] = (unsigned char)(number >> (8 * byte));
  return end_udp(length);
}

static size_t make_local(unsigned char *frame, uint64_t number) {
  enum { length = 112 };
  // Any order but that of their numbers.
  uint32_t flow = (uint32_t)(number * 7919 % flow_count);
  put_noise(begin_udp(frame, neighbour + flow % 32, 30000 + flow, 5000, length), length, number);
  return end_udp(length);
}

static size_t make_tcp(
    unsigned char *frame, uint32_t destination, unsigned source_port, uint64_t number, uint32_t sequence, size_t length) {
  unsigned char *tcp = begin(frame, 6, destination, tcp_length + length);
  put16(tcp, source_port);
  put16(tcp + 2, 443);
  put32(tcp + 4, sequence);
  // A first packet asks for a connection, all others bring data of one.
  put32(tcp + 8, length ? 1 : 0);
  put16(tcp + 12, 0x5000 | (length ? 0x18 : 0x02));
  put16(tcp + 14, 64240);
  put_noise(tcp + tcp_length, length, number);
  return link_length + ip_length + tcp_length + length;
}

static size_t make_upload(unsigned char *frame, uint64_t number, uint32_t flows) {
  enum { segment = 1400 };
  uint32_t flow = (uint32_t)(number * 7919 % flows);
  uint64_t step = number / flows;
  uint32_t sequence = step == 0 ? 0 : (uint32_t)(1 + (step - 1) * segment);
  return make_tcp(frame, outside + flow, 40000 + flow, number, sequence, step == 0 ? 0 : segment);
}

static size_t make_flow(unsigned char *frame, uint64_t number) { return make_upload(frame, number, 1); }

static size_t make_flows(unsigned char *frame, uint64_t number) { return make_upload(frame, number, flow_count); }

static size_t make_new(unsigned char *frame, uint64_t number) {
  uint32_t destination = outside + (uint32_t)(number % 131072);
  return make_tcp(frame, destination, 32768 + (unsigned)(number / 131072), number, (uint32_t)number * 2654435761u, 0);
}

static size_t ask(
    unsigned char *frame, uint32_t destination, unsigned source_port, uint64_t number, const char *label) {
  size_t size = strlen(label), length = 12 + 1 + size + 9 + 4;
  unsigned char *message = begin_udp(frame, destination, source_port, 53, length);
  memcpy(message + 2, "\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10);
  put16(message, (unsigned)number & 0xFFFF);
  message[12] = (unsigned char)size;
  memcpy(message + 13, label, size);
  memcpy(message + 13 + size, "\x07" "example\x00\x00\x01\x00\x01", 13);
  return end_udp(length);
}

static size_t make_names(unsigned char *frame, uint64_t number) {
  char label[20];
  snprintf(label, sizeof label, "n%llu", (unsigned long long)number);
  return ask(frame, resolver, 32768 + (unsigned)(number % 28232), number, label);
}

size_t make_query(unsigned char *frame, uint64_t number) {
  return ask(frame, outside + (uint32_t)(number % 131072), 40002, number, "leak");
}

frame_maker maker_named(const char *name) {
  static const struct {
    const char *name;
    frame_maker make;
  } makers[] = {
      {"tunnel", make_tunnel}, {"local", make_local}, {"flow", make_flow},
      {"flows", make_flows},   {"new", make_new},     {"names", make_names},
  };
  for (size_t index = 0; index < sizeof makers / sizeof *makers; index += 1) {
    if (strcmp(makers[index].name, name) == 0) return makers[index].make;
  }
  return NULL;
}
