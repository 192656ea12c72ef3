// Multi-head attention of one sequence and head at a time, over tokens without padding. The probabilities are never stored: the
// backward pass computes them again from the scores and the saved log Σ exp(scores).
#pragma once
#include "gemm.h"
#include "kernels.h"

namespace ethics {
namespace {

constexpr int64_t BLOCK = 48;  // queries at a time

INLINE int64_t padded(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

// A thread's working memory, kept between calls; null where there is not enough.
inline float* scratch(int64_t count) {
  static thread_local float* memory = nullptr;
  static thread_local int64_t size = 0;
  if (count > size) {
    __builtin_free(memory);
    memory = (float*)__builtin_malloc((count + LANES) * sizeof(float));
    size = memory ? count : 0;
    if (!memory) return nullptr;
  }
  return (float*)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
}

// One head's rows as float32 with the bias, zeros up to `padded(size)`.
template <class T>
INLINE void readRows(const T* x, const float* bias, int64_t rows, int64_t stride, int64_t size, float* out) {
  const int64_t width = padded(size);
  for (int64_t i = 0; i < rows; i++)
    columns(size, [&](int64_t j, int64_t n) {
      V v = load(x + i * stride + j, n);
      if (bias) v += load(bias + j, n);
      store(out + i * width + j, v);
    });
}

template <class T>
INLINE void writeRows(const float* x, int64_t rows, int64_t stride, int64_t size, T* out) {
  const int64_t width = padded(size);
  for (int64_t i = 0; i < rows; i++)
    columns(size, [&](int64_t j, int64_t n) { store(out + i * stride + j, load(x + i * width + j), n); });
}

// [rows, size] → [size, padded(rows)], zeros in the padding
INLINE void transpose(const float* x, int64_t rows, int64_t size, float* out) {
  const int64_t width = padded(size), height = padded(rows);
  for (int64_t j = 0; j < size; j++)
    for (int64_t i = rows; i < height; i++) out[j * height + i] = 0;
  for (int64_t first = 0; first < rows; first += LANES) {
    const int64_t last = first + LANES < rows ? first + LANES : rows;
    for (int64_t j = 0; j < size; j++)
      for (int64_t i = first; i < last; i++) out[j * height + i] = x[i * width + j];
  }
}

template <class T>
struct Head {
  const Attention<T>& a;
  const Sequence s;
  const int64_t head, stride, offset, width, keys, total;  // total: padded keys
  static INLINE Head make(const Attention<T>& a, int64_t item) {
    const int64_t head = item % a.heads;
    const Sequence s = a.sequences[item / a.heads];
    return {a, s, head, a.heads * a.size, head * a.size, padded(a.size), s.keys, padded(s.keys)};
  }
  const float* bias(const float* b) const { return b ? b + offset : nullptr; }
  DropoutRow dropped(int64_t query) const { return dropoutRow(a.dropout, (uint32_t)((s.queryStart + query) * a.heads + head)); }
};

template <class T>
bool attention(const Attention<T>& a, int64_t item) {
  const Head<T> h = Head<T>::make(a, item);
  const int64_t width = h.width, keys = h.keys, total = h.total;
  float* key = scratch(keys * width * 2 + a.size * total + BLOCK * (2 * width + total));
  if (!key) return false;
  float* value = key + keys * width;
  float* keyT = value + keys * width;
  float* query = keyT + a.size * total;
  float* context = query + BLOCK * width;
  float* p = context + BLOCK * width;
  readRows(a.k + h.s.keyStart * h.stride + h.offset, h.bias(a.keyBias), keys, h.stride, a.size, key);
  readRows(a.v + h.s.keyStart * h.stride + h.offset, h.bias(a.valueBias), keys, h.stride, a.size, value);
  transpose(key, keys, a.size, keyT);
  for (int64_t first = 0; first < h.s.queries; first += BLOCK) {
    const int64_t rows = h.s.queries - first < BLOCK ? h.s.queries - first : BLOCK;
    const int64_t at = h.s.queryStart + first;
    readRows(a.q + at * h.stride + h.offset, h.bias(a.queryBias), rows, h.stride, a.size, query);
    product<false>(rows, total, a.size, {query, width, 1}, keyT, total, p, total);
    for (int64_t i = 0; i < rows; i++) {
      float* row = p + i * total;
      V most = all(-3.0e38f);
      columns(keys, [&](int64_t j, int64_t n) {
        V v = load(row + j) * a.scale;
        if (n < LANES)
          for (int64_t t = n; t < LANES; t++) v[t] = -3.0e38f;
        store(row + j, v);
        most = select(v > most, v, most);
      });
      const float top = largest(most);
      V partial = {};
      columns(keys, [&](int64_t j, int64_t n) {
        V e = exponential(load(row + j) - top);
        if (n < LANES)
          for (int64_t t = n; t < LANES; t++) e[t] = 0;
        store(row + j, e);
        partial += e;
      });
      const float sums = sum(partial), inverse = 1 / sums;
      a.logSum[(at + i) * a.heads + h.head] = top + __builtin_logf(sums);
      const DropoutRow dropped = h.dropped(first + i);
      columns(keys, [&](int64_t j, int64_t) {
        V e = load(row + j) * inverse;
        store(row + j, a.dropout.threshold ? e * factors(dropped, j) : e);
      });
    }
    product<false>(rows, width, keys, {p, total, 1}, value, width, context, width);
    writeRows(context, rows, h.stride, a.size, a.context + at * h.stride + h.offset);
  }
  return true;
}

template <class T>
bool attentionGradient(const Attention<T>& a, int64_t item) {
  const Head<T> h = Head<T>::make(a, item);
  const int64_t width = h.width, keys = h.keys, total = h.total;
  float* key = scratch(keys * width * 4 + a.size * total * 2 + BLOCK * (3 * width + 2 * total));
  if (!key) return false;
  float* value = key + keys * width;
  float* dKey = value + keys * width;
  float* dValue = dKey + keys * width;
  float* keyT = dValue + keys * width;
  float* valueT = keyT + a.size * total;
  float* query = valueT + a.size * total;
  float* dContext = query + BLOCK * width;
  float* dQuery = dContext + BLOCK * width;
  float* p = dQuery + BLOCK * width;
  float* d = p + BLOCK * total;
  readRows(a.k + h.s.keyStart * h.stride + h.offset, h.bias(a.keyBias), keys, h.stride, a.size, key);
  readRows(a.v + h.s.keyStart * h.stride + h.offset, h.bias(a.valueBias), keys, h.stride, a.size, value);
  transpose(key, keys, a.size, keyT);
  transpose(value, keys, a.size, valueT);
  for (int64_t i = 0; i < keys * width * 2; i++) dKey[i] = 0;
  for (int64_t first = 0; first < h.s.queries; first += BLOCK) {
    const int64_t rows = h.s.queries - first < BLOCK ? h.s.queries - first : BLOCK;
    const int64_t at = h.s.queryStart + first;
    readRows(a.q + at * h.stride + h.offset, h.bias(a.queryBias), rows, h.stride, a.size, query);
    readRows(a.dContext + at * h.stride + h.offset, (const float*)nullptr, rows, h.stride, a.size, dContext);
    product<false>(rows, total, a.size, {query, width, 1}, keyT, total, p, total);
    product<false>(rows, total, a.size, {dContext, width, 1}, valueT, total, d, total);
    for (int64_t i = 0; i < rows; i++) {
      float *row = p + i * total, *dRow = d + i * total;
      const float logSum = a.logSum[(at + i) * a.heads + h.head];
      const DropoutRow dropped = h.dropped(first + i);
      V partial = {};
      columns(keys, [&](int64_t j, int64_t n) {
        V e = exponential(load(row + j) * a.scale - logSum);
        if (n < LANES)
          for (int64_t t = n; t < LANES; t++) e[t] = 0;
        V g = load(dRow + j);
        if (a.dropout.threshold) g *= factors(dropped, j);
        partial += e * g;
        store(row + j, e);
        store(dRow + j, g);
      });
      const float slope = sum(partial);
      columns(keys, [&](int64_t j, int64_t) {
        V e = load(row + j);
        store(dRow + j, e * (load(dRow + j) - slope) * a.scale);
        if (a.dropout.threshold) store(row + j, e * factors(dropped, j));
      });
    }
    product<false>(rows, width, keys, {d, total, 1}, key, width, dQuery, width);
    product<true>(keys, width, rows, {d, 1, total}, query, width, dKey, width);
    product<true>(keys, width, rows, {p, 1, total}, dContext, width, dValue, width);
    writeRows(dQuery, rows, h.stride, a.size, a.dq + at * h.stride + h.offset);
  }
  writeRows(dKey, keys, h.stride, a.size, a.dk + h.s.keyStart * h.stride + h.offset);
  writeRows(dValue, keys, h.stride, a.size, a.dv + h.s.keyStart * h.stride + h.offset);
  return true;
}

}  // namespace
}  // namespace ethics
