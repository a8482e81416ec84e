// What Swift has no word for.
#pragma once

// Asks for the memory at an address before it is needed. Nothing is read, so that any address is allowed.
static inline void prefetch(const void *address) { __builtin_prefetch(address); }
