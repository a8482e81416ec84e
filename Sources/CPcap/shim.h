#pragma once
#include <pcap/pcap.h>

// A frame where the kernel put it, and its lengths and time.
struct pcap_arrival {
  const unsigned char *bytes;
  struct pcap_pkthdr header;
};

static void pcap_note_arrival(unsigned char *user, const struct pcap_pkthdr *header, const unsigned char *bytes) {
  struct pcap_arrival *arrival = (struct pcap_arrival *)user;
  arrival->bytes = bytes;
  arrival->header = *header;
}

// As pcap_next_ex(3PCAP), which on Linux copies every frame, without the copy: 1, 0 where none waits, or an error.
static inline int pcap_next_in_place(pcap_t *handle, struct pcap_arrival *arrival) {
  return pcap_dispatch(handle, 1, pcap_note_arrival, (unsigned char *)arrival);
}
