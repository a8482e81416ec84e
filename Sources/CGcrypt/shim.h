// libgcrypt, and its start, which is a variadic function: Swift cannot call it.
#pragma once
#include <gcrypt.h>

// Wanted once before all else here; several threads must not do it at once. The library's version, or NULL.
//
// No memory is locked: only a pseudonym's key is secret of what is hashed or opened here, and that lies in ordinary memory, too.
// FIPS mode, which a kernel may demand, has no BLAKE2s, by which WireGuard's peers are told: it is left, which is possible only
// after the version was asked.
static inline const char *gcrypt_start(void) {
  const char *version = gcry_check_version(NULL);
  if (version == NULL) return NULL;
  gcry_control(GCRYCTL_NO_FIPS_MODE, 0);
  gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
  gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
  return version;
}
