/** Facts about the machine and about what TensorFlow holds on it. */
import { arch, cpus, totalmem } from "node:os";
import { availableCores } from "./cores";
import { fusedKernels } from "./native/library";
import { nodeBackend } from "./raw-op";
import { tf } from "./tensorflow";

/** The device that computes, and the versions of the software on it. */
export interface DeviceInfo {
  device: "cpu" | "gpu";
  /** The processor's name. */
  name: string;
  /** The instruction set of the fused kernels, or "none" where they are not used. */
  kernels: string;
  /** Logical cores that this process may use, by its affinity mask and the CPU quota of its container. */
  cores: number;
  /** Memory of the machine, in bytes. */
  memoryBytes: number;
  node: string;
  tensorflow: string;
  tfjs: string;
}

/** Describes the device. */
export function deviceInfo(): DeviceInfo {
  const backend = nodeBackend();
  return {
    device: backend.isUsingGpuDevice ? "gpu" : "cpu",
    name: cpus()[0]?.model ?? arch(),
    kernels: fusedKernels()?.instructions ?? "none",
    cores: availableCores(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    tensorflow: backend.binding.TF_Version,
    tfjs: tf.version.tfjs,
  };
}

/** Memory in use. */
export interface MemoryUse {
  tensors: number;
  /** Bytes of those tensors as tfjs counts them: four for each number, also where it is held as bfloat16 in two. */
  tensorBytes: number;
  /** Resident memory of the process, in bytes. */
  rssBytes: number;
  /** Largest resident memory of the process so far, in bytes. */
  peakRssBytes: number;
}

/** Measures the memory in use. */
export function memoryUse(): MemoryUse {
  const { numTensors, numBytes } = tf.memory();
  return {
    tensors: numTensors,
    tensorBytes: numBytes,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}
