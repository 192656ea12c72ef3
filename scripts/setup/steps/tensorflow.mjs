/** The step that fetches TensorFlow's C library, for this machine's GPU where there is one. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../child.mjs";
import { paths } from "../project.mjs";
import { isMadeFrom, stamp, swapIn } from "../stamps.mjs";
import { lockedNames, lockedWheels } from "./locked.mjs";
import { pip } from "./python.mjs";

const [TENSORFLOW = ""] = lockedNames("tensorflow==");
const VERSION = TENSORFLOW.split("==")[1];
const [CPU_ALONE = ""] = lockedNames("tensorflow-cpu==");

/** Requirements of the wheel's `and-cuda` extra. */
const NVIDIA = lockedNames("nvidia-");

/** The oldest NVIDIA driver that runs CUDA 12. */
const DRIVER = 525;

/**
 * Whether an NVIDIA GPU with a recent driver is here, seen from device files alone (asking the driver takes seconds).
 * @param {(path: string) => string | undefined} [read] reads a file; undefined if it does not exist
 */
export function hasNvidiaGpu(read = readIfThere) {
  // WSL 2 hands the GPU of Windows through.
  if (read("/usr/lib/wsl/lib/libcuda.so.1") !== undefined && read("/dev/dxg") !== undefined) return true;
  if (read("/dev/nvidiactl") === undefined) return false;
  const driver = read("/proc/driver/nvidia/version")?.match(/\b(\d{3,})\.\d+/)?.[1];
  return Number(driver) >= DRIVER;
}

/** @param {string} path */
function readIfThere(path) {
  if (!existsSync(path)) return undefined;
  return path.startsWith("/proc/") ? readFileSync(path, "utf8") : "";
}

/**
 * The wheels for a machine. `tensorflow-cpu` exists for x86-64 Linux only and is smaller than `tensorflow`.
 * @param {{ platform: string, arch: string, gpu: boolean }} machine
 */
export function wheelsFor({ platform, arch, gpu }) {
  if (platform !== "linux") return { names: [TENSORFLOW], platforms: ["macosx_12_0_arm64"] };
  const cpu = arch === "x64" ? "x86_64" : "aarch64";
  const platforms = ["manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux_2_12", "manylinux2010"];
  const cuda = gpu && arch === "x64";
  const name = cuda || arch !== "x64" ? TENSORFLOW : CPU_ALONE;
  return {
    names: [name, ...(cuda ? NVIDIA : [])],
    platforms: platforms.map((tag) => `${tag}_${cpu}`),
  };
}

/** The ingredients of `.setup/tensorflow` on this machine. */
export const tensorflowIngredients = () =>
  wheelsFor({ platform: process.platform, arch: process.arch, gpu: hasNvidiaGpu() });

// Takes the C library, its headers, CUDA's libraries and the notices out of the wheels; the Python code stays inside.
const UNPACK = `
import glob, os, re, sys, zipfile
wheels, out = sys.argv[1:]
wanted = re.compile(r"tensorflow/libtensorflow_(cc|framework)\\.|tensorflow/include/(tensorflow/c/|xla/tsl/|tsl/|tensorflow/core/(platform|common_runtime/next_pluggable_device/c)/)"
                    r"|tensorflow/THIRD_PARTY|nvidia/(?!.*/include/)|[^/]*\\.dist-info/(?!RECORD)")
for wheel in sorted(glob.glob(os.path.join(wheels, "*.whl"))):
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if wanted.match(entry.filename):
                path = archive.extract(entry, out)
                if entry.external_attr >> 16 & 0o100: os.chmod(path, 0o755)
`;

/** TensorFlow's C library out of its Python wheel. @type {import("../../setup.mjs").Step} */
export const tensorflowLibrary = {
  get title() {
    const cuda = tensorflowIngredients().names.length > 1;
    return `TensorFlow ${VERSION} (${cuda ? "for the NVIDIA GPU, 3.4 GB to download" : "its C library, 270 MB to download"})`;
  },
  isDone: () => isMadeFrom(paths.tensorflow, tensorflowIngredients()),
  async run() {
    const ingredients = tensorflowIngredients();
    const { names, platforms } = ingredients;
    // Complete wheels stay here if the download is interrupted.
    const wheels = join(paths.state, "wheels");
    const made = `${paths.tensorflow}.new`;
    // Any Python version's wheel will do, since only its libraries are used.
    const any = ["--implementation=cp", "--python-version=3.12"];
    const where = platforms.flatMap((platform) => ["--platform", platform]);
    rmSync(made, { recursive: true, force: true });
    mkdirSync(wheels, { recursive: true });
    await capture("TensorFlow", paths.python, [
      ...[...pip, "download", "--dest", wheels],
      ...[...lockedWheels(names), ...any, ...where],
    ]);
    await capture("unpacking TensorFlow", paths.python, ["-c", UNPACK, wheels, made]);
    stamp(made, ingredients);
    swapIn(made, paths.tensorflow);
    rmSync(wheels, { recursive: true, force: true });
  },
};
