// Sends the traffic of a stack under load out of an interface, as fast as asked. trafgen(8) has no counter of 64 bits, and
// a loss meter is only tested by one; nor has it flows that go on.
//
// load-sender INTERFACE COUNT RATE KIND [EVERY]
//   COUNT  frames to send
//   RATE   frames a second, 0 for as fast as it goes
//   KIND   tunnel  WireGuard transport data to the Endpoint, with counters as a real sender counts them
//          local   1000 flows of UDP to machines beside the host
//          flow    one upload past the tunnel, in full packets of TCP
//          flows   1000 of them
//          new     a first packet of TCP to somebody new, each time
//          names   a DNS query in clear for a new name, each time
//   EVERY  one frame in so many is a DNS query in clear, to a destination of its own; 0 for none
// Prints: sent, those of KIND, queries to destinations of their own, seconds
#define _GNU_SOURCE
#include "frame.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { batch = 64 };

static unsigned char frames[batch][frame_capacity];
static struct iovec vectors[batch];
static struct mmsghdr messages[batch];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count < 5) return 64;
  frame_maker make = maker_named(arguments[4]);
  if (!make) return 64;
  uint64_t total = strtoull(arguments[2], NULL, 10), every = count > 5 ? strtoull(arguments[5], NULL, 10) : 0;
  double rate = atof(arguments[3]);
  int socket_number = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket_number < 0) return 77;
  int on = 1;
  setsockopt(socket_number, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(arguments[1])};
  if (bind(socket_number, (struct sockaddr *)&address, sizeof address) != 0) return 66;

  uint64_t sent = 0, queries = 0;
  double start = now();
  while (sent < total) {
    unsigned int number = total - sent < batch ? (unsigned int)(total - sent) : batch;
    for (unsigned int index = 0; index < number; index += 1) {
      int is_query = every && (sent + index) % every == every - 1;
      size_t length =
          is_query ? make_query(frames[index], queries) : make(frames[index], sent + index - queries);
      queries += (uint64_t)is_query;
      vectors[index] = (struct iovec){frames[index], length};
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
  printf("%lu %lu %lu %.3f\n", sent, sent - queries, queries, now() - start);
  return 0;
}
