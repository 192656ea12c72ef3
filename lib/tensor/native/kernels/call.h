// TensorFlow's C API for kernels with less ceremony: inputs and outputs that free themselves, checks that fail the operation.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/tf_tensor.h"

namespace ethics {

constexpr TF_DataType typeOf(const float*) { return TF_FLOAT; }
constexpr TF_DataType typeOf(const int32_t*) { return TF_INT32; }
constexpr TF_DataType typeOf(const bfloat16*) { return TF_BFLOAT16; }

// How a call of TensorFlow went.
class Status {
 public:
  Status() = default;
  Status(const Status&) = delete;
  ~Status() { TF_DeleteStatus(status_); }

  operator TF_Status*() { return status_; }
  bool ok() const { return TF_GetCode(status_) == TF_OK; }
  void check() const {
    if (!ok()) throw std::runtime_error(TF_Message(status_));
  }

 private:
  TF_Status* status_ = TF_NewStatus();
};

// What an operation is told beside its inputs; TensorFlow keeps one for each set of attributes.
struct Attributes {
  int64_t heads = 1, floats = 0, halves = 0;
  float rate = 0, epsilon = 0, scaling = 1;
  TF_Bool save = false;
};

// One run of an operation.
class Call {
 public:
  Call(TF_OpKernelContext* context, const Attributes& attributes) : attributes(attributes), context_(context) {}
  Call(const Call&) = delete;
  ~Call() {
    for (TF_Tensor* tensor : held_) TF_DeleteTensor(tensor);
  }

  const Attributes& attributes;

  // Fails the operation; the message reaches JavaScript.
  void expect(bool holds, const char* message) const {
    if (!holds) throw std::invalid_argument(message);
  }

  int64_t dimension(int index, int axis) {
    expect(axis < TF_NumDims(input(index)), "an input has too few axes");
    return TF_Dim(input(index), axis);
  }
  int64_t elements(int index) { return TF_TensorElementCount(input(index)); }

  // An input's data, which must have `count` elements of type T.
  template <class T>
  const T* data(int index, int64_t count) {
    TF_Tensor* tensor = input(index);
    expect(TF_TensorType(tensor) == typeOf((const T*)nullptr), "an input has another dtype than expected");
    expect(TF_TensorElementCount(tensor) == count, "an input has another shape than expected");
    return (const T*)TF_TensorData(tensor);
  }

  std::vector<int64_t> shape(int index) {
    std::vector<int64_t> sizes;
    for (int axis = 0; axis < TF_NumDims(input(index)); axis++) sizes.push_back(TF_Dim(input(index), axis));
    return sizes;
  }

  // Memory for an output.
  template <class T>
  T* output(int index, const std::vector<int64_t>& shape) {
    size_t bytes = sizeof(T);
    for (int64_t size : shape) bytes *= size;
    const TF_DataType type = typeOf((const T*)nullptr);
    Status status;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, type, shape.data(), (int)shape.size(), bytes, status);
    status.check();
    held_.push_back(tensor);
    return (T*)TF_TensorData(tensor);
  }

  // The dropout of this call, from an input with two integers.
  Dropout dropout(int index) {
    const float rate = attributes.rate;
    const int32_t* key = data<int32_t>(index, 2);
    return {{(uint32_t)key[0], (uint32_t)key[1]}, (uint32_t)((double)rate * 4294967296.0), 1 / (1 - rate)};
  }

 private:
  TF_Tensor* input(int index) {
    if (inputs_.size() <= (size_t)index) inputs_.resize(index + 1);
    if (inputs_[index]) return inputs_[index];
    TF_Tensor* tensor = nullptr;
    Status status;
    TF_GetInput(context_, index, &tensor, status);
    status.check();
    held_.push_back(tensor);
    return inputs_[index] = tensor;
  }

  TF_OpKernelContext* context_;
  std::vector<TF_Tensor*> inputs_, held_;
};

}  // namespace ethics
