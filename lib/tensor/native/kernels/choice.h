// Which of the compiled kernels this processor can run.
#pragma once
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels.h"

namespace ethics {

// The table in use, and its name.
inline const Kernels* kernels = nullptr;
inline const char* instructions = "";

#if defined(__x86_64__)
enum Instructions { AVX2, AVX512 };

// Whether the processor has them and the system saves their registers. Asked of the processor itself: zig links no
// __builtin_cpu_supports into a shared library.
inline bool processorHas(Instructions instructions) {
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
inline void chooseKernels() {
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

}  // namespace ethics
