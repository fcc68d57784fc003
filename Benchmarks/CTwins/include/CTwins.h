// C twins of our kernels: the same algorithms, plain, built with -O3 -march=haswell, as a ruler (KERNELS.md).
#pragma once
#include <stdint.h>

/// Group-by count, sum and max over `n` rows in batches of `batch`, at most `max_groups` groups; returns a checksum.
/// Slots and rows lie in huge pages; `prefetch` adds two passes that fetch slots and rows ahead.
int64_t ct_group(const int64_t *key, const int64_t *value, const int64_t *weight, int64_t n, int64_t batch,
                 int64_t max_groups, int prefetch);
