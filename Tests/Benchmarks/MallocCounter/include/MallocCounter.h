#pragma once

#include <stdint.h>

/// How many times this process has asked for heap memory: malloc, calloc, realloc and the aligned ones.
///
/// An executable that links this target has its malloc replaced by one that counts and hands on to glibc's.
uint64_t malloc_count(void);

/// Gives the heap's free pages back to the kernel (malloc_trim(3)).
void malloc_give_back(void);
