#pragma once
// libFuzzer's interface, which has no header of its own (compiler-rt/lib/fuzzer/FuzzerInterface.h).
#include <stddef.h>
#include <stdint.h>

typedef int (*fuzzer_test_one_input)(const uint8_t *_Nonnull data, size_t size);

/// Runs the fuzzer with a main of one's own; takes libFuzzer's options from the arguments.
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv, fuzzer_test_one_input _Nonnull run);

/// libFuzzer's own mutations, in place; returns the new size.
size_t LLVMFuzzerMutate(uint8_t *_Nonnull data, size_t size, size_t max_size);
