// The fused operations: each takes its inputs from TensorFlow, shares the work out to the pool and fills its outputs.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <new>
#include <vector>

#include "call.h"
#include "choice.h"
#include "pool.h"

namespace ethics {

inline const Typed<float>& typed(const float*) { return kernels->float32; }
inline const Typed<bfloat16>& typed(const bfloat16*) { return kernels->half; }

// Shares rows out in pieces of about 16,384 elements.
inline void shareRows(int64_t rows, int64_t width, const std::function<void(int64_t, int64_t)>& work) {
  const int64_t piece = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, width));
  Pool::shared().run((rows + piece - 1) / piece, [&](int64_t i) { work(i * piece, std::min(rows, (i + 1) * piece)); });
}

// q, k, v, their biases, sequences, key (, logSum, dContext) → context, logSum (dq, dk, dv)
template <class T, bool GRADIENT>
void attention(Call& call) {
  const int64_t queries = call.dimension(0, 0), tokens = call.dimension(1, 0), width = call.dimension(0, 1);
  const int64_t heads = call.attributes.heads, count = call.dimension(6, 0);
  call.expect(heads > 0 && width % heads == 0, "the width must be a multiple of the heads");
  Attention<T> a = {};
  a.q = call.data<T>(0, queries * width);
  a.k = call.data<T>(1, tokens * width);
  a.v = call.data<T>(2, tokens * width);
  a.queryBias = call.data<float>(3, width);
  a.keyBias = call.data<float>(4, width);
  a.valueBias = call.data<float>(5, width);
  a.sequences = (const Sequence*)call.data<int32_t>(6, count * 4);
  int64_t nextQuery = 0, nextKey = 0;
  for (int64_t i = 0; i < count; i++) {
    const Sequence& s = a.sequences[i];
    call.expect(
        s.queryStart == nextQuery && s.queries > 0 && s.keyStart >= nextKey && s.keys > 0 && s.keys <= tokens - s.keyStart,
        "sequences must follow one another within the tokens");
    nextQuery += s.queries;
    nextKey = s.keyStart + s.keys;
  }
  call.expect(nextQuery == queries, "sequences must cover all queries");
  a.heads = heads;
  a.size = width / heads;
  a.scale = 1 / __builtin_sqrtf((float)a.size);
  a.dropout = call.dropout(7);
  const Typed<T>& table = typed((const T*)nullptr);
  if (GRADIENT) {
    a.logSum = (float*)call.data<float>(8, queries * heads);
    a.dContext = call.data<T>(9, queries * width);
    a.dq = call.output<T>(0, {queries, width});
    a.dk = call.output<T>(1, {tokens, width});
    a.dv = call.output<T>(2, {tokens, width});
    // Tokens that nothing attends to lie between the sequences.
    for (int64_t i = 0, from = 0; i <= count; i++) {
      const int64_t to = i < count ? a.sequences[i].keyStart : tokens;
      std::memset((void*)(a.dk + from * width), 0, (to - from) * width * sizeof(T));
      std::memset((void*)(a.dv + from * width), 0, (to - from) * width * sizeof(T));
      if (i < count) from = to + a.sequences[i].keys;
    }
  } else {
    a.context = call.output<T>(0, {queries, width});
    a.logSum = call.output<float>(1, {queries, heads});
  }
  std::atomic<bool> done{true};
  Pool::shared().run(count * heads, [&](int64_t item) {
    if (!(GRADIENT ? table.attentionGradient : table.attention)(a, item)) done = false;
  });
  if (!done) throw std::bad_alloc();
}

// x, bias, residual, weight, shift, key → y, normal, deviation
template <class T>
void addNorm(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1);
  AddNorm<T> a = {};
  a.x = call.data<T>(0, rows * width);
  a.bias = call.data<float>(1, width);
  a.residual = call.data<float>(2, rows * width);
  a.weight = call.data<float>(3, width);
  a.shift = call.data<float>(4, width);
  a.width = width;
  a.epsilon = call.attributes.epsilon;
  a.dropout = call.dropout(5);
  a.y = call.output<float>(0, {rows, width});
  float* normal = call.output<float>(1, {call.attributes.save ? rows : 0, width});
  a.normal = call.attributes.save ? normal : nullptr;
  a.deviation = call.output<float>(2, {rows});
  shareRows(rows, width, [&](int64_t from, int64_t to) { typed((const T*)nullptr).addNorm(a, from, to); });
}

// dy, normal, deviation, weight, key → dx, dResidual
template <class T>
void addNormGradient(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1);
  AddNorm<T> a = {};
  a.dy = call.data<float>(0, rows * width);
  a.normal = (float*)call.data<float>(1, rows * width);
  a.deviation = (float*)call.data<float>(2, rows);
  a.weight = call.data<float>(3, width);
  a.width = width;
  a.dropout = call.dropout(4);
  a.dx = call.output<T>(0, {rows, width});
  a.dResidual = call.output<float>(1, {rows, width});
  shareRows(rows, width, [&](int64_t from, int64_t to) { typed((const T*)nullptr).addNormGradient(a, from, to); });
}

// x, bias → y, slope
template <class T>
void biasGelu(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1);
  BiasGelu<T> a = {};
  a.x = call.data<T>(0, rows * width);
  a.bias = call.data<float>(1, width);
  a.width = width;
  a.y = call.output<T>(0, {rows, width});
  T* slope = call.output<T>(1, {call.attributes.save ? rows : 0, width});
  a.slope = call.attributes.save ? slope : nullptr;
  shareRows(rows, width, [&](int64_t from, int64_t to) { typed((const T*)nullptr).biasGelu(a, from, to); });
}

// x, down, up → y
template <class T>
void lowRank(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1), rank = call.dimension(2, 1);
  const float* up = call.data<float>(2, width * rank);
  std::vector<float> transposed(width * rank);
  for (int64_t i = 0; i < width; i++)
    for (int64_t r = 0; r < rank; r++) transposed[r * width + i] = up[i * rank + r];
  LowRank<T> a = {call.data<T>(0, rows * width), call.data<float>(1, rows * rank), transposed.data(), width, rank,
                  call.attributes.scaling,       call.output<T>(0, {rows, width})};
  shareRows(rows, width, [&](int64_t from, int64_t to) { typed((const T*)nullptr).lowRank(a, from, to); });
}

// a, b → a · b, element by element
template <class T>
void multiply(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1);
  const T *a = call.data<T>(0, rows * width), *b = call.data<T>(1, rows * width);
  T* y = call.output<T>(0, {rows, width});
  shareRows(rows, width, [&](int64_t from, int64_t to) { typed((const T*)nullptr).multiply(a, b, y, from * width, to * width); });
}

// floats…, halves… → their sum
inline void sum(Call& call) {
  const int64_t elements = call.elements(0), floats = call.attributes.floats, halves = call.attributes.halves;
  std::vector<const float*> floatData;
  std::vector<const bfloat16*> halfData;
  for (int64_t i = 0; i < floats; i++) floatData.push_back(call.data<float>(i, elements));
  for (int64_t i = 0; i < halves; i++) halfData.push_back(call.data<bfloat16>(floats + i, elements));
  const Sum a = {floatData.data(), halfData.data(), floats, halves, call.output<float>(0, call.shape(0))};
  const int64_t width = 1024, rows = (elements + width - 1) / width;
  shareRows(rows, width, [&](int64_t from, int64_t to) { kernels->sum(a, from * width, std::min(elements, to * width)); });
}

}  // namespace ethics
