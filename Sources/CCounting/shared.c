#include "shared.h"

unsigned long counting_size(void) { return sizeof(struct counting); }

void counting_begin(struct counting *shared, unsigned long long seed, unsigned int length) {
  shared->seed = seed;
  shared->length = length;
  shared->newest = ~0u;
  for (unsigned int place = 0; place < COUNTED_FLOWS; place += 1) shared->flows[place].word = COUNTED_STOPPED;
}

static void store(unsigned int *place, unsigned int value) { __atomic_store_n(place, value, __ATOMIC_RELEASE); }

static int holds(const unsigned int *indices, unsigned int count, unsigned int index) {
  for (unsigned int position = 0; position < count; position += 1)
    if (indices[position] == index) return 1;
  return 0;
}

void counting_select(struct counting *shared, const unsigned int *indices, unsigned int count, unsigned int newest) {
  for (unsigned int place = 0; place < SELECTION_PLACES; place += 1)
    if (shared->selection[place] && !holds(indices, count, shared->selection[place])) store(&shared->selection[place], 0);
  for (unsigned int position = 0; position < count; position += 1) {
    unsigned int index = indices[position];
    unsigned int *first = &shared->selection[counting_place(index)];
    unsigned int *other = &shared->selection[counting_other_place(index)];
    if (*first == index || *other == index) continue;
    if (!*first)
      store(first, index);
    else if (!*other)
      store(other, index);
    else
      newest = 0;
  }
  store(&shared->newest, newest);
}

unsigned long long counting_seed(const struct counting *shared) { return shared->seed; }

struct counted_flow *counting_flow(struct counting *shared, unsigned int place) { return &shared->flows[place]; }
