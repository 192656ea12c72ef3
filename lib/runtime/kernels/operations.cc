// The fused operations: their names, inputs and outputs for TensorFlow, and a Node addon that registers them when it is loaded.
#include <node_api.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <map>

#include "call.h"
#include "pool.h"

namespace ethics {
namespace {

const Kernels* kernels = nullptr;
const char* instructions = "";

#if defined(__x86_64__)
enum Instructions { AVX2, AVX512 };

// Whether the processor has them and the system saves their registers. Asked of the processor itself: zig links no
// __builtin_cpu_supports into a shared library.
bool processorHas(Instructions instructions) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const unsigned fma = 1u << 12, osxsave = 1u << 27;
  if (!(c & fma) || !(c & osxsave)) return false;
  unsigned saved, upper;
  __asm__("xgetbv" : "=a"(saved), "=d"(upper) : "c"(0));
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const unsigned avx2 = 1u << 5, avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // f, dq, bw, vl
  const unsigned features = instructions == AVX512 ? avx2 | avx512 : avx2, registers = instructions == AVX512 ? 0xe6 : 0x6;
  return (b & features) == features && (saved & registers) == registers;
}
#endif

// The newest instructions that the processor has, or those that ETHICS_KERNELS in the environment names.
void chooseKernels() {
  struct Choice {
    const char* name;
    const Kernels* kernels;
    bool available;
  };
  std::vector<Choice> choices;
#if defined(__x86_64__)
  choices.push_back({"avx512", &kernelsAvx512, processorHas(AVX512)});
  choices.push_back({"avx2", &kernelsAvx2, processorHas(AVX2)});
#endif
  choices.push_back({"baseline", &kernelsBaseline, true});
  const char* named = std::getenv("ETHICS_KERNELS");
  const std::string wanted = named ? named : "";
  std::string names;
  for (const Choice& choice : choices) {
    if (!choice.available) continue;
    names += std::string(choice.name) + ", ";
    if (!wanted.empty() && wanted != choice.name) continue;
    kernels = choice.kernels;
    instructions = choice.name;
    return;
  }
  throw std::runtime_error("`ETHICS_KERNELS`: expected " + names + "off or nothing on this processor, got " + wanted + ".");
}

const Typed<float>& typed(const float*) { return kernels->float32; }
const Typed<bfloat16>& typed(const bfloat16*) { return kernels->half; }

// Shares rows out in pieces of about 16,384 elements.
void shareRows(int64_t rows, int64_t width, const std::function<void(int64_t, int64_t)>& work) {
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
    call.expect(s.queryStart == nextQuery && s.queries > 0 && s.keyStart >= nextKey && s.keys > 0 && s.keys <= tokens - s.keyStart,
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
  Pool::shared().run(count * heads, [&](int64_t item) { (GRADIENT ? table.attentionGradient : table.attention)(a, item); });
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
                  call.attributes.scaling, call.output<T>(0, {rows, width})};
  shareRows(rows, width, [&](int64_t from, int64_t to) { typed((const T*)nullptr).lowRank(a, from, to); });
}

// a, b → a · b, element by element
template <class T>
void multiply(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1);
  const T *a = call.data<T>(0, rows * width), *b = call.data<T>(1, rows * width);
  T* y = call.output<T>(0, {rows, width});
  shareRows(rows, width,
            [&](int64_t from, int64_t to) { typed((const T*)nullptr).multiply(a, b, y, from * width, to * width); });
}

// floats…, halves… → their sum
void sum(Call& call) {
  const int64_t elements = call.elements(0), floats = call.attributes.floats, halves = call.attributes.halves;
  std::vector<const float*> floatData;
  std::vector<const bfloat16*> halfData;
  for (int64_t i = 0; i < floats; i++) floatData.push_back(call.data<float>(i, elements));
  for (int64_t i = 0; i < halves; i++) halfData.push_back(call.data<bfloat16>(floats + i, elements));
  const Sum a = {floatData.data(), halfData.data(), floats, halves, call.output<float>(0, call.shape(0))};
  const int64_t width = 1024, rows = (elements + width - 1) / width;
  shareRows(rows, width,
            [&](int64_t from, int64_t to) { kernels->sum(a, from * width, std::min(elements, to * width)); });
}

// like, key → the factors that dropout uses for a matrix of this shape
void dropoutMask(Call& call) {
  const int64_t rows = call.dimension(0, 0), width = call.dimension(0, 1);
  const Dropout dropout = call.dropout(1);
  float* y = call.output<float>(0, {rows, width});
  shareRows(rows, width, [&](int64_t from, int64_t to) { kernels->dropoutMask(dropout, width, y, from, to); });
}

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

const std::vector<Operation> operations = {
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
  if constexpr (INDEX < 9) {
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
