// All that is shared: what the program in the kernel sees, and shared.c.
#pragma once
#include "include/counting.h"

enum { SELECTION_PLACES = 4096 };

// Frames of an interface pass if its index is above `newest`, or in `selection` at one of its two places.
struct counting {
  unsigned long long seed;
  unsigned int length, newest;
  unsigned int selection[SELECTION_PLACES];
  struct counted_flow flows[COUNTED_FLOWS];
};

static inline unsigned int counting_place(unsigned int index) { return index & (SELECTION_PLACES - 1); }
static inline unsigned int counting_other_place(unsigned int index) { return (index * 2654435761u) >> 20; }
