// Passes over the rows of a matrix, each doing at once what would otherwise be several passes.
#pragma once
#include "kernels.h"
#include "vector.h"

namespace ethics {
namespace {

template <class T>
void addNorm(const AddNorm<T>& a, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) {
    const int64_t at = i * a.width;
    const DropoutRow dropped = dropoutRow(a.dropout, (uint32_t)i);
    float* y = a.y + at;
    V partial = {};
    columns(a.width, [&](int64_t j, int64_t n) {
      V v = load(a.x + at + j, n) + load(a.bias + j, n);
      if (a.dropout.threshold) v *= factors(dropped, j);
      v += load(a.residual + at + j, n);
      store(y + j, v, n);
      partial += v;
    });
    const float mean = sum(partial) / a.width;
    V squares = {};
    columns(a.width, [&](int64_t j, int64_t n) {
      V v = load(y + j, n) - mean;
      if (n < LANES)
        for (int64_t t = n; t < LANES; t++) v[t] = 0;
      squares += v * v;
    });
    const float deviation = 1 / __builtin_sqrtf(sum(squares) / a.width + a.epsilon);
    a.deviation[i] = deviation;
    columns(a.width, [&](int64_t j, int64_t n) {
      V v = (load(y + j, n) - mean) * deviation;
      if (a.normal) store(a.normal + at + j, v, n);
      store(y + j, v * load(a.weight + j, n) + load(a.shift + j, n), n);
    });
  }
}

template <class T>
void addNormGradient(const AddNorm<T>& a, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) {
    const int64_t at = i * a.width;
    const DropoutRow dropped = dropoutRow(a.dropout, (uint32_t)i);
    V first = {}, second = {};
    columns(a.width, [&](int64_t j, int64_t n) {
      V v = load(a.dy + at + j, n) * load(a.weight + j, n);
      first += v;
      second += v * load(a.normal + at + j, n);
    });
    const float mean = sum(first) / a.width, slope = sum(second) / a.width, deviation = a.deviation[i];
    columns(a.width, [&](int64_t j, int64_t n) {
      V v = load(a.dy + at + j, n) * load(a.weight + j, n);
      V g = (v - mean - load(a.normal + at + j, n) * slope) * deviation;
      store(a.dResidual + at + j, g, n);
      if (a.dropout.threshold) g *= factors(dropped, j);
      store(a.dx + at + j, g, n);
    });
  }
}

template <class T>
void biasGelu(const BiasGelu<T>& a, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) {
    const int64_t at = i * a.width;
    columns(a.width, [&](int64_t j, int64_t n) {
      V x = load(a.x + at + j, n) + load(a.bias + j, n), distribution, density;
      normal(x, distribution, density);
      store(a.y + at + j, x * distribution, n);
      if (a.slope) store(a.slope + at + j, distribution + x * density, n);
    });
  }
}

template <class T>
void multiply(const T* a, const T* b, T* y, int64_t from, int64_t to) {
  columns(to - from, [&](int64_t j, int64_t n) { store(y + from + j, load(a + from + j, n) * load(b + from + j, n), n); });
}

// `up` is read as its transpose lies: [rank, width].
template <class T>
void lowRank(const LowRank<T>& a, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) {
    const int64_t at = i * a.width;
    columns(a.width, [&](int64_t j, int64_t n) {
      V update = {};
      for (int64_t r = 0; r < a.rank; r++) update += a.down[i * a.rank + r] * load(a.up + r * a.width + j, n);
      store(a.y + at + j, load(a.x + at + j, n) + update * a.scaling, n);
    });
  }
}

inline void sum(const Sum& a, int64_t from, int64_t to) {
  columns(to - from, [&](int64_t j, int64_t n) {
    V total = {};
    for (int64_t i = 0; i < a.floatCount; i++) total += load(a.floats[i] + from + j, n);
    for (int64_t i = 0; i < a.halfCount; i++) total += load(a.halves[i] + from + j, n);
    store(a.y + from + j, total, n);
  });
}

}  // namespace
}  // namespace ethics
