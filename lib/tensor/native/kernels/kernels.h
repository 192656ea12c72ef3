// What the kernels compute, whatever the processor: plain pointers, row-major matrices. `instructions.cc` is compiled once for
// each set of processor instructions, `choice.h` chooses one and `addon.cc` offers it to TensorFlow.
#pragma once
#include <cstdint>

namespace ethics {

// A bfloat16 number: the upper half of a float32.
struct bfloat16 {
  uint16_t bits;
};

// Which elements dropout drops: a hash of the key, the row and the column lies below `threshold` (rate · 2³²).
struct Dropout {
  uint32_t key[2];
  uint32_t threshold;
  float scale;  // of the elements that stay: 1 / (1 − rate)
};

// Queries [queryStart, +queries) attend to keys [keyStart, +keys).
struct Sequence {
  int32_t queryStart, queries, keyStart, keys;
};

template <class T>
struct Attention {
  const T *q, *k, *v;                            // [tokens, heads · size]
  const float *queryBias, *keyBias, *valueBias;  // [heads · size], added to q, k and v
  const Sequence* sequences;
  int64_t heads, size;
  float scale;  // of the scores
  Dropout dropout;
  T* context;         // forward: [queries, heads · size]
  float* logSum;      // log Σ exp(scores): [queries, heads]
  const T* dContext;  // backward
  T *dq, *dk, *dv;
};

// y = norm(residual + dropout(x + bias)); the backward pass goes from dy to dx and dResidual.
template <class T>
struct AddNorm {
  const T* x;
  const float *bias, *residual, *weight, *shift;
  int64_t width;
  float epsilon;
  Dropout dropout;
  float *y, *normal, *deviation;  // deviation: 1 / √(variance + ε), [rows]; normal may be null
  const float* dy;
  T* dx;
  float* dResidual;
};

// y = gelu(x + bias), and its derivative there unless null.
template <class T>
struct BiasGelu {
  const T* x;
  const float* bias;
  int64_t width;
  T *y, *slope;
};

// y = x + scaling · down · upᵀ, up being [width, rank].
template <class T>
struct LowRank {
  const T* x;
  const float *down, *up;
  int64_t width, rank;
  float scaling;
  T* y;
};

// y = Σ floats + Σ halves, element by element.
struct Sum {
  const float* const* floats;
  const bfloat16* const* halves;
  int64_t floatCount, halfCount;
  float* y;
};

// Work on rows or items [from, to); calls with different ones may run at the same time.
template <class T>
struct Typed {
  // False where there is no memory to work in.
  bool (*attention)(const Attention<T>&, int64_t item);
  bool (*attentionGradient)(const Attention<T>&, int64_t item);
  void (*addNorm)(const AddNorm<T>&, int64_t from, int64_t to);
  void (*addNormGradient)(const AddNorm<T>&, int64_t from, int64_t to);
  void (*biasGelu)(const BiasGelu<T>&, int64_t from, int64_t to);
  void (*lowRank)(const LowRank<T>&, int64_t from, int64_t to);
  void (*multiply)(const T* a, const T* b, T* y, int64_t from, int64_t to);
};

struct Kernels {
  Typed<float> float32;
  Typed<bfloat16> half;
  void (*sum)(const Sum&, int64_t from, int64_t to);
};

extern const Kernels kernelsBaseline;
#if defined(__x86_64__)
extern const Kernels kernelsAvx2;
extern const Kernels kernelsAvx512;
#endif

}  // namespace ethics
