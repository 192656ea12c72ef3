// The kernels for one set of processor instructions: compiled several times, with KERNELS naming the table. Nothing of the
// standard library is used here, so that no function compiled for a newer processor can be linked in for an older one.
#include "attention.h"
#include "kernels.h"
#include "rows.h"

namespace ethics {
namespace {

template <class T>
constexpr Typed<T> typed() {
  return {attention<T>, attentionGradient<T>, addNorm<T>, addNormGradient<T>, biasGelu<T>, lowRank<T>, multiply<T>};
}

}  // namespace

const Kernels KERNELS = {typed<float>(), typed<bfloat16>(), sum};

}  // namespace ethics
