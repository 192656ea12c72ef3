import assert from "node:assert/strict";
import { test } from "node:test";
import { hasNvidiaGpu, wheelsFor } from "../../scripts/setup/steps/tensorflow.mjs";

/** A machine's device files, by path. */
const machine = (files: Record<string, string>) => (path: string) => files[path];
const version = (driver: string) => `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${driver}  Thu Aug 24 2023`;

test("x86-64 Linux without a GPU gets the small CPU wheel alone", () => {
  const { names, platforms } = wheelsFor({ platform: "linux", arch: "x64", gpu: false });
  assert.deepEqual(names, ["tensorflow-cpu==2.21.0"]);
  assert.ok(platforms.every((platform) => platform.endsWith("_x86_64")));
});

test("with an NVIDIA GPU the CUDA libraries come along, each pinned", () => {
  const { names } = wheelsFor({ platform: "linux", arch: "x64", gpu: true });
  assert.equal(names[0], "tensorflow==2.21.0");
  assert.equal(names.length, 13);
  assert.ok(names.slice(1).every((name) => /^nvidia-[a-z0-9-]+-cu12==[\d.]+$/.test(name)));
});

test("64-bit Arm and Apple silicon get the full wheel without CUDA", () => {
  const arm = wheelsFor({ platform: "linux", arch: "arm64", gpu: true });
  assert.deepEqual(arm.names, ["tensorflow==2.21.0"]);
  assert.ok(arm.platforms.every((platform) => platform.endsWith("_aarch64")));
  const mac = wheelsFor({ platform: "darwin", arch: "arm64", gpu: false });
  assert.deepEqual(mac, { names: ["tensorflow==2.21.0"], platforms: ["macosx_12_0_arm64"] });
});

test("a GPU counts only with its device file and a driver for CUDA 12", () => {
  assert.equal(hasNvidiaGpu(machine({})), false);
  // A container on a GPU machine sees the driver's version without having the device.
  assert.equal(hasNvidiaGpu(machine({ "/proc/driver/nvidia/version": version("550.54.15") })), false);
  assert.equal(
    hasNvidiaGpu(machine({ "/dev/nvidiactl": "", "/proc/driver/nvidia/version": version("550.54.15") })),
    true,
  );
  assert.equal(
    hasNvidiaGpu(machine({ "/dev/nvidiactl": "", "/proc/driver/nvidia/version": version("470.82.01") })),
    false,
  );
  assert.equal(hasNvidiaGpu(machine({ "/dev/dxg": "", "/usr/lib/wsl/lib/libcuda.so.1": "" })), true);
});
