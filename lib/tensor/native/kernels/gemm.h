// Small matrix products inside one kernel: C (+)= A · B, where A may be read by any strides (so also transposed) and B and C have
// rows of a multiple of 16.
#pragma once
#include "vector.h"

namespace ethics {
namespace {

struct Matrix {
  const float* data;
  int64_t row, column;  // strides
};

#if defined(__AVX512F__)
constexpr int WIDE = 4;  // vectors of a tile; 6 × 4 sums stay in registers
#else
constexpr int WIDE = 1;
#endif

template <int ROWS, int VECTORS, bool ADD>
INLINE void tile(int64_t depth, const float* a, int64_t row, int64_t column, const float* b, int64_t ldb, float* c, int64_t ldc) {
  V sums[ROWS][VECTORS];
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < VECTORS; j++) sums[i][j] = ADD ? load(c + i * ldc + j * LANES) : V{};
  for (int64_t k = 0; k < depth; k++) {
    V right[VECTORS];
    for (int j = 0; j < VECTORS; j++) right[j] = load(b + k * ldb + j * LANES);
    for (int i = 0; i < ROWS; i++)
      for (int j = 0; j < VECTORS; j++) sums[i][j] += a[i * row + k * column] * right[j];
  }
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < VECTORS; j++) store(c + i * ldc + j * LANES, sums[i][j]);
}

template <int VECTORS, bool ADD>
INLINE void strip(int64_t rows, int64_t depth, Matrix a, const float* b, int64_t ldb, float* c, int64_t ldc) {
  int64_t i = 0;
  for (; i + 6 <= rows; i += 6) tile<6, VECTORS, ADD>(depth, a.data + i * a.row, a.row, a.column, b, ldb, c + i * ldc, ldc);
  for (; i + 2 <= rows; i += 2) tile<2, VECTORS, ADD>(depth, a.data + i * a.row, a.row, a.column, b, ldb, c + i * ldc, ldc);
  if (i < rows) tile<1, VECTORS, ADD>(depth, a.data + i * a.row, a.row, a.column, b, ldb, c + i * ldc, ldc);
}

// C [rows, width] (+)= A [rows, depth] · B [depth, width]; width is a multiple of 16.
template <bool ADD>
void product(int64_t rows, int64_t width, int64_t depth, Matrix a, const float* b, int64_t ldb, float* c, int64_t ldc) {
  int64_t j = 0;
  for (; j + WIDE * LANES <= width; j += WIDE * LANES) strip<WIDE, ADD>(rows, depth, a, b + j, ldb, c + j, ldc);
  for (; j < width; j += LANES) strip<1, ADD>(rows, depth, a, b + j, ldb, c + j, ldc);
}

}  // namespace
}  // namespace ethics
