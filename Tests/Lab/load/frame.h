#pragma once

#include <stddef.h>
#include <stdint.h>

enum { frame_capacity = 1514 };

/// Writes the frame of a number and returns its length.
typedef size_t (*frame_maker)(unsigned char *frame, uint64_t number);

/// NULL where there is no such kind.
frame_maker maker_named(const char *name);

/// A DNS query in clear, to one of 2^17 destinations.
size_t make_query(unsigned char *frame, uint64_t number);
