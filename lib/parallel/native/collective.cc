// Sums vectors over processes with TensorFlow's collective operations, in a context of its own beside tfjs'.
#include <node_api.h>

#include <cstring>
#include <string>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/c_api_experimental.h"
#include "tensorflow/c/eager/c_api.h"
#include "tensorflow/c/eager/c_api_experimental.h"

// Declared there without its linkage, and exported by libtensorflow_cc.
extern "C" TF_Buffer* TFE_GetServerDef(const char* text_proto, TF_Status* status);

namespace {

// All workers sum over one group of devices.
constexpr int32_t kGroupKey = 1;

class Status {
 public:
  Status() = default;
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  ~Status() { TF_DeleteStatus(status_); }
  operator TF_Status*() { return status_; }
  bool ok() const { return TF_GetCode(status_) == TF_OK; }
  std::string text() const { return TF_Message(status_); }

 private:
  TF_Status* status_ = TF_NewStatus();
};

// A worker's place among the others. It lives as long as its process: a context that has failed is of no use any more.
struct Group {
  TFE_Context* context;
  std::string device;
};

// Work for libuv's pool, since TensorFlow's calls wait.
struct Job {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  napi_ref array = nullptr;
  Group* group = nullptr;
  std::string error;
  // checkPeer
  std::string task;
  int64_t milliseconds = 0;
  // sum
  TF_DataType type = TF_FLOAT;
  void* data = nullptr;
  size_t count = 0;
  int32_t workers = 0;
  int32_t instance = 0;
  double seconds = 0;
};

std::string text_of(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

Group* group_of(napi_env env, napi_value value) {
  void* group = nullptr;
  napi_get_value_external(env, value, &group);
  return static_cast<Group*>(group);
}

TFE_TensorHandle* handle_of(TF_DataType type, const int64_t* shape, int rank, const void* data, size_t bytes,
                            TF_Status* status) {
  TF_Tensor* tensor = TF_AllocateTensor(type, shape, rank, bytes);
  if (bytes > 0) std::memcpy(TF_TensorData(tensor), data, bytes);
  TFE_TensorHandle* handle = TFE_NewTensorHandle(tensor, status);
  TF_DeleteTensor(tensor);
  return handle;
}

// CollectiveReduceV2: V3 does not work over processes.
void sum(Job& job) {
  Status status;
  TFE_Op* op = TFE_NewOp(job.group->context, "CollectiveReduceV2", status);
  if (!status.ok()) {
    job.error = status.text();
    return;
  }
  const int64_t shape[] = {static_cast<int64_t>(job.count)};
  const size_t bytes = job.count * 4;
  TFE_TensorHandle* inputs[4] = {nullptr, nullptr, nullptr, nullptr};
  const int32_t numbers[] = {job.workers, kGroupKey, job.instance};
  inputs[0] = handle_of(job.type, shape, 1, job.data, bytes, status);
  for (int i = 0; i < 3 && status.ok(); i++) inputs[i + 1] = handle_of(TF_INT32, nullptr, 0, &numbers[i], 4, status);
  if (status.ok()) TFE_OpSetDevice(op, job.group->device.c_str(), status);
  for (TFE_TensorHandle* input : inputs) {
    if (status.ok()) TFE_OpAddInput(op, input, status);
  }
  TFE_OpSetAttrType(op, "T", job.type);
  TFE_OpSetAttrString(op, "merge_op", "Add", 3);
  TFE_OpSetAttrString(op, "final_op", "Id", 2);
  TFE_OpSetAttrString(op, "communication_hint", "auto", 4);
  TFE_OpSetAttrFloat(op, "timeout_seconds", static_cast<float>(job.seconds));
  TFE_OpSetAttrInt(op, "Nordering_token", 0);
  TFE_TensorHandle* output = nullptr;
  int outputs = 1;
  if (status.ok()) TFE_Execute(op, &output, &outputs, status);
  if (status.ok()) {
    TF_Tensor* result = TFE_TensorHandleResolve(output, status);
    if (status.ok()) {
      std::memcpy(job.data, TF_TensorData(result), bytes);
      TF_DeleteTensor(result);
    }
  }
  if (output != nullptr) TFE_DeleteTensorHandle(output);
  for (TFE_TensorHandle* input : inputs) {
    if (input != nullptr) TFE_DeleteTensorHandle(input);
  }
  TFE_DeleteOp(op);
  if (!status.ok()) job.error = status.text();
}

void check_peer(Job& job) {
  Status status;
  TFE_CollectiveOpsCheckPeerHealth(job.group->context, job.task.c_str(), job.milliseconds, status);
  if (!status.ok()) job.error = status.text();
}

void execute(napi_env, void* data) {
  Job& job = *static_cast<Job*>(data);
  if (job.array != nullptr) {
    sum(job);
  } else {
    check_peer(job);
  }
}

napi_value error_of(napi_env env, const std::string& text) {
  napi_value message = nullptr;
  napi_value error = nullptr;
  napi_create_string_utf8(env, text.c_str(), text.size(), &message);
  napi_create_error(env, nullptr, message, &error);
  return error;
}

void complete(napi_env env, napi_status, void* data) {
  Job* job = static_cast<Job*>(data);
  if (job->error.empty()) {
    napi_value nothing = nullptr;
    napi_get_undefined(env, &nothing);
    napi_resolve_deferred(env, job->deferred, nothing);
  } else {
    napi_reject_deferred(env, job->deferred, error_of(env, job->error));
  }
  if (job->array != nullptr) napi_delete_reference(env, job->array);
  napi_delete_async_work(env, job->work);
  delete job;
}

napi_value queue(napi_env env, Job* job) {
  napi_value promise = nullptr;
  napi_value name = nullptr;
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_string_utf8(env, "collective", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, execute, complete, job, &job->work);
  napi_queue_async_work(env, job->work);
  return promise;
}

template <size_t count>
struct Arguments {
  napi_value values[count];
  Arguments(napi_env env, napi_callback_info info) {
    size_t length = count;
    napi_get_cb_info(env, info, &length, values, nullptr, nullptr);
  }
};

// open(serverDef, device): the server listens from here on.
napi_value open_js(napi_env env, napi_callback_info info) {
  const Arguments<2> given(env, info);
  Status status;
  TF_Buffer* definition = TFE_GetServerDef(text_of(env, given.values[0]).c_str(), status);
  TFE_Context* context = nullptr;
  if (status.ok()) {
    TFE_ContextOptions* options = TFE_NewContextOptions();
    context = TFE_NewContext(options, status);
    TFE_DeleteContextOptions(options);
  }
  if (status.ok()) TFE_EnableCollectiveOps(context, definition->data, definition->length, status);
  if (definition != nullptr) TF_DeleteBuffer(definition);
  if (!status.ok()) {
    napi_throw(env, error_of(env, status.text()));
    return nullptr;
  }
  napi_value group = nullptr;
  napi_create_external(env, new Group{context, text_of(env, given.values[1])}, nullptr, nullptr, &group);
  return group;
}

// sum(group, Float32Array or Int32Array, workers, instance, seconds): a promise; the array then holds the sum.
napi_value sum_js(napi_env env, napi_callback_info info) {
  const Arguments<5> given(env, info);
  Job* job = new Job;
  job->group = group_of(env, given.values[0]);
  napi_typedarray_type type = napi_float32_array;
  napi_get_typedarray_info(env, given.values[1], &type, &job->count, &job->data, nullptr, nullptr);
  job->type = type == napi_int32_array ? TF_INT32 : TF_FLOAT;
  napi_create_reference(env, given.values[1], 1, &job->array);
  napi_get_value_int32(env, given.values[2], &job->workers);
  napi_get_value_int32(env, given.values[3], &job->instance);
  napi_get_value_double(env, given.values[4], &job->seconds);
  return queue(env, job);
}

// checkPeer(group, task, milliseconds): a promise that is rejected unless the worker answers.
napi_value check_peer_js(napi_env env, napi_callback_info info) {
  const Arguments<3> given(env, info);
  Job* job = new Job;
  job->group = group_of(env, given.values[0]);
  job->task = text_of(env, given.values[1]);
  napi_get_value_int64(env, given.values[2], &job->milliseconds);
  return queue(env, job);
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"open", open_js}, {"sum", sum_js}, {"checkPeer", check_peer_js}};
  for (const auto& [name, function] : functions) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  }
  return exports;
}
