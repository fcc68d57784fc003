// C twins of our kernels: the same algorithms, plain, built with -O3 -march=haswell, as a ruler (KERNELS.md).
#pragma once
#include <stdint.h>

/// Group-by count, sum and max over `n` rows in batches of `batch`, at most `max_groups` groups; returns a checksum.
/// Slots and rows lie in huge pages; `prefetch` adds two passes that fetch slots and rows ahead.
int64_t ct_group(const int64_t *key, const int64_t *value, const int64_t *weight, int64_t n, int64_t batch,
                 int64_t max_groups, int prefetch);

// Columns, into memory of the caller's. A bit of `nulls` is set where a row is null; checked arithmetic returns whether a
// row left 64 bits.

/// `p > x` as row numbers; returns how many.
int64_t ct_filter(const int64_t *p, int64_t n, int64_t x, int32_t *sel);
int64_t ct_filter_nulls(const int64_t *p, const uint64_t *nulls, int64_t n, int64_t x, int32_t *sel);

/// Sixteen bytes that stand for a text, as `TextView` has them; long ones lie in one arena.
typedef struct { uint64_t head, tail; } ct_view;

void ct_gather8(const int64_t *p, const int32_t *sel, int64_t k, int64_t *out);
void ct_gather16(const ct_view *p, const int32_t *sel, int64_t k, ct_view *out);

int ct_add(const int64_t *p, const int64_t *q, int64_t n, int64_t *out);
/// `p * 908`, `p / 1000`, and `p * 908 / 1000` in one loop.
int ct_multiply(const int64_t *p, int64_t n, int64_t *out);
int ct_divide(const int64_t *p, int64_t n, int64_t *out);
int ct_multiply_divide(const int64_t *p, int64_t n, int64_t *out);

/// Bytes 0 and 1 for equality with `x`.
void ct_text_equal(const ct_view *v, int64_t n, const uint8_t *arena, ct_view x, const uint8_t *x_arena, uint8_t *out);

/// Packed rows of three words (nulls, head, tail or address), and their hashes.
void ct_text_hash(const ct_view *v, int64_t n, const uint8_t *arena, uint64_t *rows, uint32_t *hashes);

/// Whether the bytes of the long text have `needle` in them, by its first and last byte, 32 places at a time; reads up to
/// 32 bytes past the end.
void ct_contains(const ct_view *v, int64_t n, const uint8_t *arena, const uint8_t *needle, int64_t m, uint8_t *out);

/// Three columns dealt to `owners` by the hash of the first; column c of owner o goes to `out[3 * o + c]`.
void ct_partition(const int64_t *const *columns, int64_t n, int64_t owners, uint32_t *hashes, int32_t *const *sel,
                  int64_t *counts, int64_t *const *out);
