#pragma once

#include <stdint.h>

/// How many times this process has asked for heap memory: malloc, calloc, realloc and the aligned ones.
///
/// An executable that links this target has its malloc replaced by one that counts and hands on to glibc's. So has one
/// that the loader was told to preload it into (ld.so(8), LD_PRELOAD); that one writes the number at its end into the file
/// that MALLOC_COUNT names.
uint64_t malloc_count(void);

/// Gives the heap's free pages back to the kernel (malloc_trim(3)).
void malloc_give_back(void);
