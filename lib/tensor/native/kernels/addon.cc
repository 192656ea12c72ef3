// Offers the fused operations to TensorFlow: their names, inputs and outputs, registered when Node loads this addon.
#include <node_api.h>

#include <atomic>
#include <iterator>
#include <memory>

#include "operations.h"
#include "tensorflow/c/ops.h"

namespace ethics {
namespace {

struct Operation {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  void (*float32)(Call&);
  void (*half)(Call&);  // null where there is no T
};

const Operation operations[] = {
    {"EthicsAttention",
     {"heads: int", "rate: float"},
     {"q: T", "k: T", "v: T", "query_bias: float", "key_bias: float", "value_bias: float", "sequences: int32", "key: int32"},
     {"context: T", "log_sum: float"},
     attention<float, false>,
     attention<bfloat16, false>},
    {"EthicsAttentionGradient",
     {"heads: int", "rate: float"},
     {"q: T", "k: T", "v: T", "query_bias: float", "key_bias: float", "value_bias: float", "sequences: int32", "key: int32",
      "log_sum: float", "d_context: T"},
     {"dq: T", "dk: T", "dv: T"},
     attention<float, true>,
     attention<bfloat16, true>},
    {"EthicsAddNorm",
     {"rate: float", "epsilon: float", "save: bool"},
     {"x: T", "bias: float", "residual: float", "weight: float", "shift: float", "key: int32"},
     {"y: float", "normal: float", "deviation: float"},
     addNorm<float>,
     addNorm<bfloat16>},
    {"EthicsAddNormGradient",
     {"rate: float"},
     {"dy: float", "normal: float", "deviation: float", "weight: float", "key: int32"},
     {"dx: T", "d_residual: float"},
     addNormGradient<float>,
     addNormGradient<bfloat16>},
    {"EthicsBiasGelu", {"save: bool"}, {"x: T", "bias: float"}, {"y: T", "slope: T"}, biasGelu<float>, biasGelu<bfloat16>},
    {"EthicsLowRank", {"scaling: float"}, {"x: T", "down: float", "up: float"}, {"y: T"}, lowRank<float>, lowRank<bfloat16>},
    {"EthicsMultiply", {}, {"a: T", "b: T"}, {"y: T"}, multiply<float>, multiply<bfloat16>},
    {"EthicsSum", {"M: int >= 0", "N: int >= 0"}, {"floats: M * float", "halves: N * bfloat16"}, {"y: float"}, sum, nullptr},
};

// How often each operation ran in this process.
std::atomic<int64_t> calls[std::size(operations)];

// Reads an attribute unless the operation has none of this name.
template <class T>
void read(TF_OpKernelConstruction* construction, const char* name,
          void (*get)(TF_OpKernelConstruction*, const char*, T*, TF_Status*), T* value) {
  Status status;
  const bool has = TF_OpKernelConstruction_HasAttr(construction, name, status);
  status.check();
  if (has) get(construction, name, value, status);
  status.check();
}

Attributes* attributesOf(TF_OpKernelConstruction* construction) {
  auto attributes = std::make_unique<Attributes>();
  read(construction, "heads", TF_OpKernelConstruction_GetAttrInt64, &attributes->heads);
  read(construction, "M", TF_OpKernelConstruction_GetAttrInt64, &attributes->floats);
  read(construction, "N", TF_OpKernelConstruction_GetAttrInt64, &attributes->halves);
  read(construction, "rate", TF_OpKernelConstruction_GetAttrFloat, &attributes->rate);
  read(construction, "epsilon", TF_OpKernelConstruction_GetAttrFloat, &attributes->epsilon);
  read(construction, "scaling", TF_OpKernelConstruction_GetAttrFloat, &attributes->scaling);
  read(construction, "save", TF_OpKernelConstruction_GetAttrBool, &attributes->save);
  return attributes.release();
}

// Runs `work`; an exception, which must not reach TensorFlow, fails the operation by `fail`.
template <class Work, class Context>
void guard(const Operation& operation, Work work, void (*fail)(Context*, TF_Status*), Context* context) {
  TF_Code code = TF_INVALID_ARGUMENT;
  std::string message = operation.name;
  try {
    return work();
  } catch (const std::bad_alloc&) {
    code = TF_RESOURCE_EXHAUSTED;
    message += ": expected more memory, got none. Use smaller batches or shorter texts.";
  } catch (const std::exception& error) {
    message += std::string(": ") + error.what();
  }
  Status status;
  TF_SetStatus(status, code, message.c_str());
  fail(context, status);
}

template <size_t INDEX>
void* construct(TF_OpKernelConstruction* construction) {
  Attributes* attributes = nullptr;
  guard(operations[INDEX], [&] { attributes = attributesOf(construction); }, TF_OpKernelConstruction_Failure, construction);
  return attributes;
}

// Operation `INDEX` in the form that TensorFlow calls; a failed check fails the operation.
template <size_t INDEX, bool HALF>
void compute(void* attributes, TF_OpKernelContext* context) {
  const Operation& operation = operations[INDEX];
  auto work = [&] {
    Call call(context, *(const Attributes*)attributes);
    (HALF ? operation.half : operation.float32)(call);
    calls[INDEX]++;
  };
  guard(operation, work, TF_OpKernelContext_Failure, context);
}

template <size_t INDEX, bool HALF>
void registerKernel() {
  const Operation& operation = operations[INDEX];
  Status status;
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(operation.name, "CPU", construct<INDEX>, compute<INDEX, HALF>,
                                                 [](void* attributes) { delete (Attributes*)attributes; });
  if (operation.half) TF_KernelBuilder_TypeConstraint(kernel, "T", HALF ? TF_BFLOAT16 : TF_FLOAT, status);
  status.check();
  TF_RegisterKernelBuilder(operation.name, kernel, status);
  status.check();
}

template <size_t INDEX = 0>
void registerFrom() {
  if constexpr (INDEX < std::size(operations)) {
    const Operation& operation = operations[INDEX];
    Status status;
    TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(operation.name);
    if (operation.half) TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16}");
    for (const char* attribute : operation.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
    for (const char* input : operation.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
    for (const char* output : operation.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
    // In a graph the shapes are not known before the operation has run.
    TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, TF_ShapeInferenceContextSetUnknownShape);
    TF_RegisterOpDefinition(builder, status);
    status.check();
    registerKernel<INDEX, false>();
    if (operation.half) registerKernel<INDEX, true>();
    registerFrom<INDEX + 1>();
  }
}

// (count) → the number of threads that share a kernel's work, which may be less
napi_value startThreads(napi_env env, napi_callback_info info) {
  napi_value result = nullptr;
  size_t count = 1;
  int32_t threads = 1;
  napi_get_cb_info(env, info, &count, &result, nullptr, nullptr);
  if (count == 1) napi_get_value_int32(env, result, &threads);
  napi_create_int32(env, Pool::shared().start(threads), &result);
  return result;
}

// () → { EthicsAttention: 48, … }
napi_value callCounts(napi_env env, napi_callback_info) {
  napi_value result, count;
  napi_create_object(env, &result);
  for (size_t i = 0; i < std::size(operations); i++) {
    napi_create_int64(env, calls[i], &count);
    napi_set_named_property(env, result, operations[i].name, count);
  }
  return result;
}

napi_value start(napi_env env, napi_value exports) {
  try {
    // Node may load an addon once a thread; TensorFlow's registry is the process's.
    static const bool isRegistered = (chooseKernels(), registerFrom(), true);
    (void)isRegistered;
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return exports;
  }
  napi_value value;
  napi_create_string_utf8(env, instructions, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "instructions", value);
  napi_create_function(env, "startThreads", NAPI_AUTO_LENGTH, startThreads, nullptr, &value);
  napi_set_named_property(env, exports, "startThreads", value);
  napi_create_function(env, "callCounts", NAPI_AUTO_LENGTH, callCounts, nullptr, &value);
  napi_set_named_property(env, exports, "callCounts", value);
  return exports;
}

}  // namespace
}  // namespace ethics

NAPI_MODULE(ethics_kernels, ethics::start)
