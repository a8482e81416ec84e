// The least that any audit of a pcap file has to do, in plain C: reads the file through a window of 256 KiB and
// looks at nothing of a frame but its IPv4 destination address and its UDP destination port. The yardstick of the
// benchmark: no bound is checked, no frame is counted apart, that the walk itself does not need.
//
// Ethernet, or Linux cooked version 2.
//
// record-walk FILE ADDRESS PORT prints how many frames there are, and how many go to that address and port.
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { window_capacity = 256 << 10, file_header_length = 24, record_header_length = 16, cooked = 276 };

static unsigned char window[window_capacity];

static uint32_t host32(const unsigned char *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

static uint32_t network32(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint16_t network16(const unsigned char *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

// What a link header holds, in bytes: its length, and where it has the EtherType.
struct link {
  uint32_t length, type;
};

static int is_to_endpoint(
    const unsigned char *frame, uint32_t captured, struct link link, uint32_t destination, uint16_t port) {
  const unsigned char *packet = frame + link.length;
  if (captured < link.length + 28 || network16(frame + link.type) != 0x0800 || network32(packet + 16) != destination)
    return 0;
  const unsigned char *ports = packet + (packet[0] & 15) * 4;
  return ports + 4 <= frame + captured && packet[9] == 17 && network16(ports + 2) == port;
}

int main(int count, char **arguments) {
  if (count != 4) return 64;
  int file = open(arguments[1], O_RDONLY);
  if (file < 0) return 66;
  uint32_t destination = ntohl(inet_addr(arguments[2]));
  uint16_t port = (uint16_t)atoi(arguments[3]);
  size_t cursor = 0, end = 0, passed = file_header_length;
  uint64_t frames = 0, to_endpoint = 0;
  struct link link = {14, 12};
  for (;;) {
    size_t available = end - cursor;
    size_t needed = passed + record_header_length;
    if (available >= needed) needed += host32(window + cursor + passed + 8);
    if (available < needed) {
      memmove(window, window + cursor, available);
      cursor = 0;
      end = available;
      ssize_t got = read(file, window + end, window_capacity - end);
      if (got < 0) return 74;
      if (got == 0) break;
      end += (size_t)got;
      continue;
    }
    if (passed && host32(window + cursor + 20) == cooked) link = (struct link){20, 0};
    const unsigned char *frame = window + cursor + passed + record_header_length;
    cursor += needed;
    passed = 0;
    frames += 1;
    to_endpoint += (uint64_t)is_to_endpoint(frame, host32(frame - 8), link, destination, port);
  }
  printf("%" PRIu64 " %" PRIu64 "\n", frames, to_endpoint);
  return 0;
}
