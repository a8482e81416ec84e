// What the C library offers only under _GNU_SOURCE, which Swift's own module for it does not define.
#pragma once
#include <spawn.h>

// Since glibc 2.34.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int lowest);

// Since glibc 2.27.
int memfd_create(const char *name, unsigned int flags);

enum { memfd_close_on_exec = 1 };  // MFD_CLOEXEC

enum { open_as_path = 010000000 };  // O_PATH

// Since glibc 2.32.
const char *strerrorname_np(int code);
