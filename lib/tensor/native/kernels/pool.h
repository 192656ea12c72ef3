// A few threads that share out items. Which thread computes an item does not show in the result.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>

namespace ethics {

class Pool {
 public:
  static Pool& shared() {
    // Never destroyed: its threads may still run when the process ends.
    static Pool* pool = new Pool();
    return *pool;
  }

  // Calls work(i) for each i below count, and returns when all are done.
  void run(int64_t count, const std::function<void(int64_t)>& work) {
    std::lock_guard<std::mutex> one(callers_);
    if (count <= 1 || threads_ == 0) {
      for (int64_t i = 0; i < count; i++) work(i);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      count_ = count;
      next_ = 0;
      busy_ = threads_;
      round_++;
    }
    wake_.notify_all();
    drain();
    // The others are at their last item: a short wait is spent spinning.
    for (int spins = 0; busy_ > 0 && spins < 20000; spins++) std::this_thread::yield();
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [&] { return busy_ == 0; });
  }

  // Starts threads until `count` share the work, the caller's among them, or as many as the system allows; returns how many
  // share it. Before, the caller computes alone.
  int start(int count) {
    std::lock_guard<std::mutex> one(callers_);
    try {
      for (; threads_ + 1 < count; threads_++) std::thread([this, seen = round_] { serve(seen); }).detach();
    } catch (const std::system_error&) {
    }
    return threads_ + 1;
  }

 private:
  Pool() = default;

  void drain() {
    for (int64_t i; (i = next_.fetch_add(1)) < count_;) (*work_)(i);
  }

  void serve(uint64_t seen) {
    for (;;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_ != seen; });
        seen = round_;
      }
      drain();
      if (busy_.fetch_sub(1) == 1) {
        std::lock_guard<std::mutex> lock(mutex_);
        done_.notify_one();
      }
    }
  }

  std::mutex callers_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t)>* work_ = nullptr;
  int64_t count_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  uint64_t round_ = 0;
  int threads_ = 0;
};

}  // namespace ethics
