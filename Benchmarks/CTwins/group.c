#define _GNU_SOURCE
#include "CTwins.h"

#include <stdlib.h>
#include <sys/mman.h>

typedef struct { int64_t key, count, sum, max; } Row;
typedef struct { uint64_t *slots; uint64_t mask; Row *rows; int64_t n; } Table;

#define HUGE_BYTES ((size_t)2 << 20)
static size_t whole(size_t n) { return (n + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1); }
static void *huge(size_t n) {
  size_t a = whole(n);
  char *p = mmap(0, a + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *q = (char *)(((uintptr_t)p + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1));
  if (q > p) munmap(p, (size_t)(q - p));
  if (q + a < p + a + HUGE_BYTES) munmap(q + a, (size_t)((p + a + HUGE_BYTES) - (q + a)));
  madvise(q, a, MADV_HUGEPAGE);
  return q;
}
static void grow(Table *t) {
  uint64_t oc = t->mask + 1, nc = oc * 2;
  uint64_t *ns = huge(nc * 8);
  for (uint64_t i = 0; i < oc; i++) {
    uint64_t s = t->slots[i];
    if (s) {
      uint64_t p = (s >> 32) & (nc - 1);
      while (ns[p]) p = (p + 1) & (nc - 1);
      ns[p] = s;
    }
  }
  munmap(t->slots, whole(oc * 8));
  t->slots = ns;
  t->mask = nc - 1;
}
static inline uint64_t hash(int64_t k) {
  __uint128_t r = (__uint128_t)((uint64_t)k ^ 0x9E3779B97F4A7C15ull) * 0xD6E8FEB86659FD93ull;
  return (uint64_t)r ^ (uint64_t)(r >> 64);
}

int64_t ct_group(const int64_t *key, const int64_t *value, const int64_t *weight, int64_t n, int64_t batch,
                 int64_t max_groups, int prefetch) {
  Table t = {huge(8 * 1024), 1023, huge(sizeof(Row) * (max_groups + 8)), 0};
  uint32_t *h = malloc(batch * 4), *g = malloc(batch * 4);
  for (int64_t b = 0; b < n; b += batch) {
    int64_t m = n - b < batch ? n - b : batch;
    const int64_t *k = key + b, *v = value + b, *w = weight + b;
    for (int64_t i = 0; i < m; i++) h[i] = (uint32_t)(hash(k[i]) >> 32);
    while ((t.n + m) * 4 > (int64_t)(t.mask + 1) * 3 && (uint64_t)max_groups * 4 > (t.mask + 1) * 2) grow(&t);
    if (prefetch) {
      for (int64_t i = 0; i < m; i++) __builtin_prefetch(&t.slots[h[i] & t.mask], 0, 3);
      for (int64_t i = 0; i < m; i++) {
        uint64_t s = t.slots[h[i] & t.mask];
        if (s) __builtin_prefetch(&t.rows[(uint32_t)s - 1], 1, 3);
      }
    }
    for (int64_t i = 0; i < m; i++) {
      uint64_t p = h[i] & t.mask;
      uint32_t gi;
      for (;;) {
        uint64_t s = t.slots[p];
        if (s == 0) {
          gi = (uint32_t)t.n++;
          t.slots[p] = ((uint64_t)h[i] << 32) | (gi + 1);
          t.rows[gi] = (Row){k[i], 0, 0, INT64_MIN};
          break;
        }
        if ((uint32_t)(s >> 32) == h[i] && t.rows[(uint32_t)s - 1].key == k[i]) {
          gi = (uint32_t)s - 1;
          break;
        }
        p = (p + 1) & t.mask;
      }
      g[i] = gi;
    }
    for (int64_t i = 0; i < m; i++) {
      Row *r = &t.rows[g[i]];
      r->count += w[i];
      r->sum += v[i] * w[i];
      if (v[i] > r->max) r->max = v[i];
    }
  }
  int64_t sum = t.n;
  for (int64_t i = 0; i < t.n; i++) sum += t.rows[i].sum * 31 + t.rows[i].count + t.rows[i].max;
  munmap(t.slots, whole((t.mask + 1) * 8));
  munmap(t.rows, whole(sizeof(Row) * (max_groups + 8)));
  free(h);
  free(g);
  return sum;
}
