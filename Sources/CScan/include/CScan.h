// CScan: what Swift cannot say about bytes: compare 32 of them and get a bit for each.
// The comparisons read exactly 32 bytes, so the caller must own that many.
#ifndef LEAT_CSCAN_H
#define LEAT_CSCAN_H

#include <stdint.h>

#if defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX2__)

// Bit i is set if byte i ends or complicates a JSON string: quote, backslash, control character, or not ASCII.
static inline uint32_t cscan_string_stops(const uint8_t *at) {
  __m256i v = _mm256_loadu_si256((const __m256i *)at);
  __m256i quote = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'));
  __m256i slash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'));
  __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);  // signed: bytes from 0x80 on are below, too
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, slash), low));
}

// Bit i is set if the two bytes at i are equal.
static inline uint32_t cscan_equal_bytes(const uint8_t *a, const uint8_t *b) {
  __m256i x = _mm256_loadu_si256((const __m256i *)a), y = _mm256_loadu_si256((const __m256i *)b);
  return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y));
}

// Bit i is set if byte i at `a` is `first` and byte i at `b` is `last`.
static inline uint32_t cscan_equal_ends(const uint8_t *a, const uint8_t *b, uint8_t first, uint8_t last) {
  __m256i x = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)a), _mm256_set1_epi8((char)first));
  __m256i y = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)b), _mm256_set1_epi8((char)last));
  return (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(x, y));
}

#elif defined(__SSE2__)

static inline uint32_t cscan_string_stops_16(const uint8_t *at) {
  __m128i v = _mm_loadu_si128((const __m128i *)at);
  __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
  __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
  __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), low));
}
static inline uint32_t cscan_string_stops(const uint8_t *at) {
  return cscan_string_stops_16(at) | cscan_string_stops_16(at + 16) << 16;
}
static inline uint32_t cscan_equal_bytes_16(const uint8_t *a, const uint8_t *b) {
  __m128i x = _mm_loadu_si128((const __m128i *)a), y = _mm_loadu_si128((const __m128i *)b);
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
}
static inline uint32_t cscan_equal_bytes(const uint8_t *a, const uint8_t *b) {
  return cscan_equal_bytes_16(a, b) | cscan_equal_bytes_16(a + 16, b + 16) << 16;
}
static inline uint32_t cscan_equal_ends_16(const uint8_t *a, const uint8_t *b, uint8_t first, uint8_t last) {
  __m128i x = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)a), _mm_set1_epi8((char)first));
  __m128i y = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)b), _mm_set1_epi8((char)last));
  return (uint32_t)_mm_movemask_epi8(_mm_and_si128(x, y));
}
static inline uint32_t cscan_equal_ends(const uint8_t *a, const uint8_t *b, uint8_t first, uint8_t last) {
  return cscan_equal_ends_16(a, b, first, last) | cscan_equal_ends_16(a + 16, b + 16, first, last) << 16;
}

#else

static inline uint32_t cscan_string_stops(const uint8_t *at) {
  uint32_t bits = 0;
  for (int i = 0; i < 32; i++)
    bits |= (uint32_t)(at[i] == '"' || at[i] == '\\' || at[i] < 0x20 || at[i] >= 0x80) << i;
  return bits;
}
static inline uint32_t cscan_equal_bytes(const uint8_t *a, const uint8_t *b) {
  uint32_t bits = 0;
  for (int i = 0; i < 32; i++) bits |= (uint32_t)(a[i] == b[i]) << i;
  return bits;
}
static inline uint32_t cscan_equal_ends(const uint8_t *a, const uint8_t *b, uint8_t first, uint8_t last) {
  uint32_t bits = 0;
  for (int i = 0; i < 32; i++) bits |= (uint32_t)(a[i] == first && b[i] == last) << i;
  return bits;
}

#endif
// wyhash's mixing step (a 64 x 64 bit product, folded) in four lanes of 16 bytes, over `blocks` blocks of 64 bytes. The empty
// assembly keeps the lanes in general registers: LLVM would gather them into vectors, which have no such product, and take
// twice as long.
static inline uint64_t cscan_mix(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}
// The high word of a signed product. The empty assembly is there for the same reason.
static inline int64_t cscan_high_word(int64_t a, int64_t b) {
  int64_t high = (int64_t)(((__int128)a * b) >> 64);
  __asm__("" : "+r"(high));
  return high;
}
static inline uint64_t cscan_word(const uint8_t *at) {
  uint64_t word;
  __builtin_memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}
static inline void cscan_mix_blocks(uint64_t *lanes, const uint64_t *secrets, const uint8_t *at, long blocks) {
  uint64_t a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
  for (; blocks > 0; blocks--, at += 64) {
    a = cscan_mix(cscan_word(at) ^ secrets[0], cscan_word(at + 8) ^ a);
    b = cscan_mix(cscan_word(at + 16) ^ secrets[1], cscan_word(at + 24) ^ b);
    c = cscan_mix(cscan_word(at + 32) ^ secrets[2], cscan_word(at + 40) ^ c);
    d = cscan_mix(cscan_word(at + 48) ^ secrets[3], cscan_word(at + 56) ^ d);
    __asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
  }
  lanes[0] = a, lanes[1] = b, lanes[2] = c, lanes[3] = d;
}

#endif
