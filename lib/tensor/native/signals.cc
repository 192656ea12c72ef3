// Part of TensorFlow's addon: signals are handled by a thread that computes nothing.
//
// While some matrix products run, oneDNN up to 3.11 (which TensorFlow 2.21 has) lets the stack pointer point into the heap:
// a signal that comes then is handled on top of other data, and the process dies sooner or later, or computes on with what
// is left (uxlfoundation/oneDNN, issue 4845). The stop button of a notebook and Ctrl-C are such signals. So the thread that
// loads this, and all that it starts later, among them TensorFlow's, have signals blocked; one thread has not, and waits.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace {

void* wait(void*) {
  for (;;) pause();
}

__attribute__((constructor)) void giveSignalsTheirThread() {
  // It inherits that nothing is blocked.
  pthread_t thread;
  if (pthread_create(&thread, nullptr, wait, nullptr) != 0) return;
  pthread_detach(thread);
  sigset_t set;
  sigfillset(&set);
  // An error of the program comes to the thread that made it.
  const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  for (int signal : own) sigdelset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace
