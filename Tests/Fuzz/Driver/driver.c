// The package manager makes `main` another name of MODULE_main, which a Swift program with a main has and
// a fuzz target has not. These stand in and call libFuzzer, whose own main is then not linked.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *bytes, size_t count));

#define FUZZ_MAIN(module) \
  int module##_main(int argc, char **argv) { return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput); }

FUZZ_MAIN(SavefileFuzz)
FUZZ_MAIN(DecoderFuzz)
FUZZ_MAIN(DNSFuzz)
FUZZ_MAIN(NamesFuzz)
FUZZ_MAIN(WireGuardConfigFuzz)
FUZZ_MAIN(PolicyFuzz)
FUZZ_MAIN(ComposeFuzz)
FUZZ_MAIN(ScriptFuzz)
FUZZ_MAIN(ShellFuzz)
FUZZ_MAIN(RequestFuzz)
FUZZ_MAIN(TransferFuzz)
FUZZ_MAIN(ProtocolFuzz)
