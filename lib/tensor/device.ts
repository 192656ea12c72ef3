/** Facts about the machine and about what TensorFlow holds on it. */
import { arch, cpus, totalmem } from "node:os";
import { availableCores } from "./cores";
import { fusedKernels } from "./native/library";
import { nodeBackend } from "./raw-op";
import { tf } from "./tensorflow";

/** The device that the tensors live on, and the versions under it. */
export interface DeviceInfo {
  /** Where operations run. */
  device: "cpu" | "gpu";
  /** The processor's name. */
  name: string;
  /** The processor's instructions that the fused kernels use, or "none" where TensorFlow's own operations do their work. */
  kernels: string;
  /** Logical cores that this process may use, by its affinity mask and the CPU quota of its container. */
  cores: number;
  /** Memory of the machine, in bytes. */
  memoryBytes: number;
  /** Version of Node.js. */
  node: string;
  /** Version of the TensorFlow library. */
  tensorflow: string;
  /** Version of tfjs. */
  tfjs: string;
}

/** @returns what the library computes on */
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

/** What is held in memory now. */
export interface MemoryUse {
  /** Tensors alive. */
  tensors: number;
  /** Bytes of those tensors as tfjs counts them: four for each number, also where it is held as bfloat16 in two. */
  tensorBytes: number;
  /** Resident memory of the process, in bytes. */
  rssBytes: number;
  /** Largest resident memory of the process so far, in bytes. */
  peakRssBytes: number;
}

/** @returns tensors and bytes alive, and the memory of the process */
export function memoryUse(): MemoryUse {
  const { numTensors, numBytes } = tf.memory();
  return {
    tensors: numTensors,
    tensorBytes: numBytes,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}
