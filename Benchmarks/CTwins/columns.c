#include "CTwins.h"

#include <immintrin.h>
#include <string.h>

int64_t ct_filter(const int64_t *p, int64_t n, int64_t x, int32_t *sel) {
  int64_t k = 0;
  for (int64_t i = 0; i < n; i++) {
    sel[k] = (int32_t)i;
    k += p[i] > x;
  }
  return k;
}
int64_t ct_filter_nulls(const int64_t *p, const uint64_t *nulls, int64_t n, int64_t x, int32_t *sel) {
  int64_t k = 0;
  for (int64_t i = 0; i < n; i++) {
    sel[k] = (int32_t)i;
    k += (p[i] > x) & (~nulls[i >> 6] >> (i & 63));
  }
  return k;
}
void ct_gather8(const int64_t *p, const int32_t *sel, int64_t k, int64_t *out) {
  for (int64_t i = 0; i < k; i++) out[i] = p[sel[i]];
}
void ct_gather16(const ct_view *p, const int32_t *sel, int64_t k, ct_view *out) {
  for (int64_t i = 0; i < k; i++) out[i] = p[sel[i]];
}

int ct_add(const int64_t *p, const int64_t *q, int64_t n, int64_t *out) {
  int64_t o = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t a = p[i], b = q[i], s = (int64_t)((uint64_t)a + (uint64_t)b);
    o |= (a ^ s) & (b ^ s);
    out[i] = s;
  }
  return o < 0;
}
int ct_multiply(const int64_t *p, int64_t n, int64_t *out) {
  int o = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t t;
    o |= __builtin_mul_overflow(p[i], 908, &t);
    out[i] = t;
  }
  return o;
}
int ct_divide(const int64_t *p, int64_t n, int64_t *out) {
  for (int64_t i = 0; i < n; i++) out[i] = p[i] / 1000;
  return 0;
}
int ct_multiply_divide(const int64_t *p, int64_t n, int64_t *out) {
  int o = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t t;
    o |= __builtin_mul_overflow(p[i], 908, &t);
    out[i] = t / 1000;
  }
  return o;
}

static inline uint32_t length(ct_view v) { return (uint32_t)v.head; }
static inline const uint8_t *bytes(ct_view v, const uint8_t *arena) { return arena + (v.tail & 0xffffffffffff); }

static inline uint64_t word(const uint8_t *at) {
  uint64_t w;
  memcpy(&w, at, 8);
  return w;
}

void ct_text_equal(const ct_view *v, int64_t n, const uint8_t *arena, ct_view x, const uint8_t *x_arena, uint8_t *out) {
  if (length(x) <= 12) {
    for (int64_t i = 0; i < n; i++) out[i] = (v[i].head == x.head) & (v[i].tail == x.tail);
    return;
  }
  // Whole words and one that overlaps the last of them, without a branch on where the difference is.
  const uint8_t *b = bytes(x, x_arena);
  const uint32_t end = length(x) - 8;
  for (int64_t i = 0; i < n; i++) {
    if (v[i].head != x.head) {
      out[i] = 0;
      continue;
    }
    const uint8_t *a = bytes(v[i], arena);
    uint64_t difference = word(a + end) ^ word(b + end);
    for (uint32_t at = 0; at < end; at += 8) difference |= word(a + at) ^ word(b + at);
    out[i] = difference == 0;
  }
}

static inline uint64_t fold(uint64_t v) {
  __uint128_t r = (__uint128_t)(v ^ 0xa0761d6478bd642full) * 0xe7037ed1a0b428dbull;
  return ((uint64_t)(r >> 64) ^ (uint64_t)r) + 0x8ebc6af09c88c6e3ull;
}
#define SEED 0x9e3779b97f4a7c15ull

void ct_text_hash(const ct_view *v, int64_t n, const uint8_t *arena, uint64_t *rows, uint32_t *hashes) {
  const uint64_t first = fold(SEED);
  for (int64_t i = 0; i < n; i++, rows += 3) {
    uint32_t count = length(v[i]);
    uint64_t h = fold(first ^ v[i].head);
    rows[0] = 0;
    rows[1] = v[i].head;
    if (count <= 12) {
      rows[2] = v[i].tail;
      h = fold(h ^ v[i].tail);
    } else {
      const uint8_t *b = bytes(v[i], arena);
      rows[2] = (uint64_t)(uintptr_t)b;
      for (uint32_t at = 0; at + 8 < count; at += 8) h = fold(h ^ word(b + at));
      h = fold(h ^ word(b + count - 8));
    }
    hashes[i] = (uint32_t)(h ^ h >> 32);
  }
}

void ct_contains(const ct_view *v, int64_t n, const uint8_t *arena, const uint8_t *needle, int64_t m, uint8_t *out) {
  __m256i first = _mm256_set1_epi8((char)needle[0]), last = _mm256_set1_epi8((char)needle[m - 1]);
  for (int64_t i = 0; i < n; i++) {
    const uint8_t *b = bytes(v[i], arena);
    int64_t ends = (int64_t)length(v[i]) - m + 1;
    uint8_t found = 0;
    for (int64_t at = 0; at < ends && !found; at += 32) {
      __m256i x = _mm256_loadu_si256((const __m256i *)(b + at));
      __m256i y = _mm256_loadu_si256((const __m256i *)(b + at + m - 1));
      uint32_t bits =
          (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(_mm256_cmpeq_epi8(x, first), _mm256_cmpeq_epi8(y, last)));
      if (ends - at < 32) bits &= (1u << (ends - at)) - 1;
      for (; bits && !found; bits &= bits - 1) found = memcmp(b + at + __builtin_ctz(bits), needle, m) == 0;
    }
    out[i] = found;
  }
}

void ct_partition(const int64_t *const *columns, int64_t n, int64_t owners, uint32_t *hashes, int32_t *const *sel,
                  int64_t *counts, int64_t *const *out) {
  const uint64_t first = fold(SEED);
  for (int64_t i = 0; i < n; i++) {
    uint64_t h = fold(first ^ (uint64_t)columns[0][i]);
    hashes[i] = (uint32_t)(h ^ h >> 32);
  }
  if (owners == 2) {
    int64_t low = 0, high = 0;
    int32_t *a = sel[0], *b = sel[1];
    for (int64_t i = 0; i < n; i++) {
      a[low] = b[high] = (int32_t)i;
      high += hashes[i] >> 31;
      low += 1 - (hashes[i] >> 31);
    }
    counts[0] = low;
    counts[1] = high;
  } else {
    for (int64_t o = 0; o < owners; o++) counts[o] = 0;
    for (int64_t i = 0; i < n; i++) {
      int64_t o = (int64_t)((uint64_t)hashes[i] * (uint64_t)owners >> 32);
      sel[o][counts[o]++] = (int32_t)i;
    }
  }
  for (int64_t o = 0; o < owners; o++)
    for (int c = 0; c < 3; c++) ct_gather8(columns[c], sel[o], counts[o], out[o * 3 + c]);
}
