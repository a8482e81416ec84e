// Sends the traffic of a stack under load out of an interface, as fast as asked: WireGuard transport data to the
// Endpoint, with counters as a real sender counts them, and in between DNS queries in clear. trafgen(8) has no counter of
// 64 bits, and a loss meter is only tested by one.
//
// load-sender INTERFACE COUNT RATE LEAK_EVERY [DISTINCT]
//   COUNT      frames to send
//   RATE       frames a second, 0 for as fast as it goes
//   LEAK_EVERY one frame in so many is a leak; 0 for none, 1 for nothing else
//   DISTINCT   1: every leak has a destination of its own
// Prints: sent tunnel leaks seconds
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { batch = 64, payload = 112, frame_length = 14 + 20 + 8 + payload };

static unsigned char frames[batch][frame_length];
static struct iovec vectors[batch];
static struct mmsghdr messages[batch];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void put16(unsigned char *bytes, unsigned value) {
  bytes[0] = (unsigned char)(value >> 8);
  bytes[1] = (unsigned char)value;
}

static void checksum(unsigned char *header) {
  put16(header + 10, 0);
  uint32_t sum = 0;
  for (int offset = 0; offset < 20; offset += 2) sum += (uint32_t)header[offset] << 8 | header[offset + 1];
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  put16(header + 10, ~sum & 0xFFFF);
}

static void make(unsigned char *frame, const char *destination, unsigned port) {
  memset(frame, 0, frame_length);
  memcpy(frame, "\x02\x42\xac\x12\x00\x01\x02\x42\xac\x12\x00\x02\x08\x00", 14);
  unsigned char *packet = frame + 14;
  packet[0] = 0x45;
  put16(packet + 2, frame_length - 14);
  put16(packet + 6, 0x4000);
  packet[8] = 64;
  packet[9] = 17;
  inet_pton(AF_INET, "172.18.0.2", packet + 12);
  inet_pton(AF_INET, destination, packet + 16);
  checksum(packet);
  put16(packet + 20, 40001);
  put16(packet + 22, port);
  put16(packet + 24, 8 + payload);
}

int main(int count, char **arguments) {
  if (count < 5) return 64;
  uint64_t total = strtoull(arguments[2], NULL, 10), leak_every = strtoull(arguments[4], NULL, 10);
  double rate = atof(arguments[3]);
  int distinct = count > 5 && atoi(arguments[5]);
  int socket_number = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket_number < 0) return 77;
  int on = 1;
  setsockopt(socket_number, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(arguments[1])};
  if (bind(socket_number, (struct sockaddr *)&address, sizeof address) != 0) return 66;

  uint64_t sent = 0, leaks = 0, counter = 0;
  double start = now();
  while (sent < total) {
    unsigned int number = total - sent < batch ? (unsigned int)(total - sent) : batch;
    for (unsigned int index = 0; index < number; index += 1) {
      unsigned char *frame = frames[index];
      if (leak_every && (sent + index) % leak_every == leak_every - 1) {
        make(frame, "198.51.100.53", 53);
        if (distinct) {
          // 198.18.0.0/15 is for benchmarks (RFC 2544).
          uint32_t number = htonl(0xC6120000u + (uint32_t)(leaks % 131072));
          memcpy(frame + 30, &number, 4);
          checksum(frame + 14);
        }
        memcpy(frame + 42, "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04leak\x07" "example\x00\x00\x01\x00\x01", 30);
        leaks += 1;
      } else {
        make(frame, "203.0.113.178", 51820);
        frame[42] = 4;
        frame[46] = 1;
        for (int byte = 0; byte < 8; byte += 1) frame[50 + byte] = (unsigned char)(counter >> (8 * byte));
        counter += 1;
      }
      vectors[index] = (struct iovec){frame, frame_length};
      messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
    }
    unsigned int done = 0;
    while (done < number) {
      int accepted = sendmmsg(socket_number, messages + done, number - done, 0);
      if (accepted < 0) return 74;
      done += (unsigned int)accepted;
    }
    sent += number;
    if (rate > 0) {
      double ahead = start + (double)sent / rate - now();
      if (ahead > 0.0005) usleep((useconds_t)(ahead * 1e6));
    }
  }
  printf("%lu %lu %lu %.3f\n", sent, sent - leaks, leaks, now() - start);
  return 0;
}
