// Sixteen numbers at a time, in the compiler's own vectors: it maps them to what the processor has.
#pragma once
#include <cstdint>

#include "kernels.h"

#define INLINE inline __attribute__((always_inline))

namespace ethics {
// Compiled once for each set of instructions: nothing here may be seen outside.
namespace {

typedef float V __attribute__((vector_size(64)));
typedef int32_t I __attribute__((vector_size(64)));
typedef uint32_t U __attribute__((vector_size(64)));
typedef uint16_t H __attribute__((vector_size(32)));
constexpr int64_t LANES = 16;

INLINE V all(float x) { return x - V{}; }
INLINE U all(uint32_t x) { return x - U{}; }
INLINE V select(I mask, V a, V b) { return mask ? a : b; }

INLINE V load(const float* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(float* p, V v) { __builtin_memcpy(p, &v, sizeof v); }

INLINE V load(const bfloat16* p) {
  H h;
  __builtin_memcpy(&h, p, sizeof h);
  return (V)(__builtin_convertvector(h, U) << 16);
}
// Rounds to the nearest, ties to even; NaN stays NaN.
INLINE void store(bfloat16* p, V v) {
  U u = (U)v;
  U rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  H h = __builtin_convertvector((U)((v == v) ? (I)rounded : (I)all(0x7fc0u)), H);
  __builtin_memcpy(p, &h, sizeof h);
}

// The first `count` < 16 elements; the others are 0.
template <class T>
INLINE V loadPart(const T* p, int64_t count) {
  T part[LANES] = {};
  for (int64_t i = 0; i < count; i++) part[i] = p[i];
  return load(part);
}
template <class T>
INLINE void storePart(T* p, V v, int64_t count) {
  T part[LANES];
  store(part, v);
  for (int64_t i = 0; i < count; i++) p[i] = part[i];
}

// Calls f with each group of 16 columns: offset and count.
template <class F>
INLINE void columns(int64_t width, F f) {
  int64_t j = 0;
  for (; j + LANES <= width; j += LANES) f(j, LANES);
  if (j < width) f(j, width - j);
}
template <class T>
INLINE V load(const T* p, int64_t count) {
  return count == LANES ? load(p) : loadPart(p, count);
}
template <class T>
INLINE void store(T* p, V v, int64_t count) {
  if (count == LANES) store(p, v);
  else storePart(p, v, count);
}

INLINE float sum(V v) {
  float s[LANES];
  store(s, v);
  for (int step = 8; step > 0; step /= 2)
    for (int i = 0; i < step; i++) s[i] += s[i + step];
  return s[0];
}
INLINE float largest(V v) {
  float m = v[0];
  for (int i = 1; i < LANES; i++) m = v[i] > m ? v[i] : m;
  return m;
}

// eˣ to about one unit in the last place: x = n·ln 2 + r, eʳ by its Taylor series. NaN stays NaN.
INLINE V exponential(V x) {
  x = select(x < -87.0f, all(-87.0f), x);
  x = select(x > 88.0f, all(88.0f), x);
  const float magic = 12582912.0f;  // 1.5 · 2²³: adding it rounds to a whole number
  V shifted = x * 1.44269504f + magic;
  V n = shifted - magic;
  V r = x - n * 0.693359375f + n * 2.12194440e-4f;
  V p = r * (1.0f / 5040) + (1.0f / 720);
  p = p * r + (1.0f / 120);
  p = p * r + (1.0f / 24);
  p = p * r + (1.0f / 6);
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  I power = ((I)shifted - (I)all(magic) + 127) << 23;
  return p * (V)power;
}

// The normal distribution Φ(x) and its density. Φ(−|x|) = e^(−x²/2) · P(t) / 2 with t = 1 / (1 + 0.375 · |x| / √2); P is a
// polynomial fitted to e^(a²) · erfc(a), relative error 1.2e-8 for a from 0 to 9.5.
INLINE void normal(V x, V& distribution, V& density) {
  V a = (V)((U)x & 0x7fffffffu) * 0.707106781f;
  V t = 1.0f / (a * 0.375f + 1.0f);
  V e = exponential(x * x * -0.5f);
  V p = t * 0.0616956018f - 0.288070560f;
  p = p * t + 0.433883995f;
  p = p * t - 0.231065348f;
  p = p * t + 0.274836510f;
  p = p * t + 0.121042207f;
  p = p * t + 0.205429584f;
  p = p * t + 0.210633621f;
  p = p * t + 0.211614415f;
  V tail = e * p * t * 0.5f;
  distribution = select(x < 0.0f, tail, 1.0f - tail);
  density = e * 0.398942280f;
}

INLINE uint32_t mix(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}
INLINE U mix(U x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

// Dropout's factors for 16 columns of a row: 0, or the scale of what stays.
struct DropoutRow {
  uint32_t base;
  uint32_t threshold;
  float scale;
};
INLINE DropoutRow dropoutRow(const Dropout& dropout, uint32_t row) {
  return {mix(mix(row ^ dropout.key[0]) + dropout.key[1]), dropout.threshold, dropout.scale};
}
INLINE V factors(const DropoutRow& row, int64_t column) {
  const U lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  U hash = mix((lane + (uint32_t)column) * 0x9e3779b9u ^ row.base);
  return hash < row.threshold ? V{} : all(row.scale);
}

}  // namespace
}  // namespace ethics
