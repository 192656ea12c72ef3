// Offers the fused operations to TensorFlow: their names, inputs and outputs, registered when Node loads this addon.
#include <node_api.h>

#include <iterator>
#include <map>

#include "operations.h"

namespace ethics {
namespace {

// How often each operation ran in this process.
std::map<std::string, int64_t> calls;

void* construct(TF_OpKernelConstruction* construction) {
  auto* attributes = new Attributes();
  TF_Status* status = TF_NewStatus();
  auto has = [&](const char* name) { return TF_OpKernelConstruction_HasAttr(construction, name, status); };
  unsigned char save = 0;
  if (has("heads")) TF_OpKernelConstruction_GetAttrInt64(construction, "heads", &attributes->heads, status);
  if (has("M")) TF_OpKernelConstruction_GetAttrInt64(construction, "M", &attributes->floats, status);
  if (has("N")) TF_OpKernelConstruction_GetAttrInt64(construction, "N", &attributes->halves, status);
  if (has("rate")) TF_OpKernelConstruction_GetAttrFloat(construction, "rate", &attributes->rate, status);
  if (has("epsilon")) TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->epsilon, status);
  if (has("scaling")) TF_OpKernelConstruction_GetAttrFloat(construction, "scaling", &attributes->scaling, status);
  if (has("save")) TF_OpKernelConstruction_GetAttrBool(construction, "save", &save, status);
  attributes->save = save;
  TF_DeleteStatus(status);
  return attributes;
}

struct Operation {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  void (*float32)(Call&);
  void (*half)(Call&);  // null where there is no T
};

const Operation operations[] = {
    {"EthicsAttention", {"heads: int", "rate: float"},
     {"q: T", "k: T", "v: T", "query_bias: float", "key_bias: float", "value_bias: float", "sequences: int32", "key: int32"},
     {"context: T", "log_sum: float"}, attention<float, false>, attention<bfloat16, false>},
    {"EthicsAttentionGradient", {"heads: int", "rate: float"},
     {"q: T", "k: T", "v: T", "query_bias: float", "key_bias: float", "value_bias: float", "sequences: int32", "key: int32",
      "log_sum: float", "d_context: T"},
     {"dq: T", "dk: T", "dv: T"}, attention<float, true>, attention<bfloat16, true>},
    {"EthicsAddNorm", {"rate: float", "epsilon: float", "save: bool"},
     {"x: T", "bias: float", "residual: float", "weight: float", "shift: float", "key: int32"},
     {"y: float", "normal: float", "deviation: float"}, addNorm<float>, addNorm<bfloat16>},
    {"EthicsAddNormGradient", {"rate: float"},
     {"dy: float", "normal: float", "deviation: float", "weight: float", "key: int32"},
     {"dx: T", "d_residual: float"}, addNormGradient<float>, addNormGradient<bfloat16>},
    {"EthicsBiasGelu", {"save: bool"}, {"x: T", "bias: float"}, {"y: T", "slope: T"}, biasGelu<float>, biasGelu<bfloat16>},
    {"EthicsLowRank", {"scaling: float"}, {"x: T", "down: float", "up: float"}, {"y: T"}, lowRank<float>, lowRank<bfloat16>},
    {"EthicsMultiply", {}, {"a: T", "b: T"}, {"y: T"}, multiply<float>, multiply<bfloat16>},
    {"EthicsSum", {"M: int >= 0", "N: int >= 0"}, {"floats: M * float", "halves: N * bfloat16"}, {"y: float"}, sum, nullptr},
    {"EthicsDropoutMask", {"rate: float"}, {"like: float", "key: int32"}, {"y: float"}, dropoutMask, nullptr},
};

// Operation `INDEX` in the form that TensorFlow calls; a failed check fails the operation.
template <size_t INDEX, bool HALF>
void compute(void* attributes, TF_OpKernelContext* context) {
  const Operation& operation = operations[INDEX];
  try {
    Call call(context, *(const Attributes*)attributes);
    (HALF ? operation.half : operation.float32)(call);
    calls[operation.name]++;
  } catch (const std::exception& error) {
    TF_Status* status = TF_NewStatus();
    TF_SetStatus(status, TF_INVALID_ARGUMENT, (std::string(operation.name) + ": " + error.what()).c_str());
    TF_OpKernelContext_Failure(context, status);
    TF_DeleteStatus(status);
  }
}

void check(TF_Status* status) {
  if (TF_GetCode(status) != TF_OK) throw std::runtime_error(TF_Message(status));
}

template <size_t INDEX, bool HALF>
void registerKernel(TF_Status* status) {
  const Operation& operation = operations[INDEX];
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(operation.name, "CPU", construct, compute<INDEX, HALF>,
                                                 [](void* attributes) { delete (Attributes*)attributes; });
  if (operation.half) TF_KernelBuilder_TypeConstraint(kernel, "T", HALF ? TF_BFLOAT16 : TF_FLOAT, status);
  check(status);
  TF_RegisterKernelBuilder(operation.name, kernel, status);
  check(status);
}

template <size_t INDEX = 0>
void registerFrom(TF_Status* status) {
  if constexpr (INDEX < std::size(operations)) {
    const Operation& operation = operations[INDEX];
    TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(operation.name);
    if (operation.half) TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16}");
    for (const char* attribute : operation.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
    for (const char* input : operation.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
    for (const char* output : operation.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
    TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, [](TF_ShapeInferenceContext*, TF_Status* s) { TF_SetStatus(s, TF_OK, ""); });
    TF_RegisterOpDefinition(builder, status);
    check(status);
    registerKernel<INDEX, false>(status);
    if (operation.half) registerKernel<INDEX, true>(status);
    registerFrom<INDEX + 1>(status);
  }
}

// Node may load an addon once a thread; TensorFlow's registry is the process's.
void registerOnce() {
  static bool done = false;
  if (done) return;
  chooseKernels();
  TF_Status* status = TF_NewStatus();
  registerFrom(status);
  TF_DeleteStatus(status);
  done = true;
}

// () → { EthicsAttention: 48, … }
napi_value callCounts(napi_env env, napi_callback_info) {
  napi_value result, count;
  napi_create_object(env, &result);
  for (const Operation& operation : operations) {
    napi_create_int64(env, calls[operation.name], &count);
    napi_set_named_property(env, result, operation.name, count);
  }
  return result;
}

napi_value start(napi_env env, napi_value exports) {
  try {
    registerOnce();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return exports;
  }
  napi_value value;
  napi_create_string_utf8(env, instructions, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "instructions", value);
  napi_create_int32(env, Pool::shared().threads(), &value);
  napi_set_named_property(env, exports, "threads", value);
  napi_create_function(env, "callCounts", NAPI_AUTO_LENGTH, callCounts, nullptr, &value);
  napi_set_named_property(env, exports, "callCounts", value);
  return exports;
}

}  // namespace
}  // namespace ethics

NAPI_MODULE(ethics_kernels, ethics::start)
