/** Checks what set-up needs: Node, Python and a platform that TensorFlow supports. */
import { spawnSync } from "node:child_process";
import { SetupError } from "./setup-error.mjs";

const NODE = [20, 19];
const PYTHON = [3, 10];

/**
 * @param {string} [version] as in `process.versions.node`
 * @throws {SetupError} when it is too old
 */
export function checkNode(version = process.versions.node) {
  if (isBefore(version, NODE)) {
    throw new SetupError(
      `\`node\`: expected ${NODE.join(".")} or newer, got ${version}. Install a current Node, for example from nodejs.org.`,
    );
  }
}

/**
 * TensorFlow's wheels exist for these machines only.
 * @param {{ platform: string, arch: string, glibc?: string }} [machine]
 */
export function checkMachine(machine = thisMachine()) {
  const { platform, arch, glibc } = machine;
  const known = ["linux-x64", "linux-arm64", "darwin-arm64"];
  if (!known.includes(`${platform}-${arch}`)) {
    throw new SetupError(
      `\`machine\`: expected one of ${known.join(", ")}, got ${platform}-${arch}. Run this project on one of them (Windows: in WSL 2).`,
    );
  }
  if (platform === "linux" && (glibc === undefined || isBefore(glibc, [2, 27]))) {
    throw new SetupError(
      `\`glibc\`: expected 2.27 or newer, got ${glibc ?? "none (musl)"}. Use a current Debian, Ubuntu, Fedora or the like.`,
    );
  }
}

/** @returns {{ platform: string, arch: string, glibc?: string }} */
function thisMachine() {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return { platform: process.platform, arch: process.arch, glibc: report.header?.glibcVersionRuntime };
}

/** @typedef {{ command: string, version: string, venv: boolean }} Python */

/**
 * The first Python on the PATH that can make a virtual environment.
 * @param {Python[]} [found] installed Pythons, in order of preference
 * @returns {Python}
 * @throws {SetupError} when there is none
 */
export function checkPython(found = findPythons()) {
  const recent = found.filter(({ version }) => !isBefore(version, PYTHON));
  const usable = recent.find(({ venv }) => venv);
  if (usable) return usable;
  const wanted = `${PYTHON.join(".")} or newer`;
  const [first] = recent;
  if (first) {
    throw new SetupError(
      `\`${first.command}\`: expected Python with venv and ensurepip, got ${first.version} without. ` +
        "Install the missing part, on Debian and Ubuntu: apt-get install python3-venv",
    );
  }
  const [old] = found;
  throw new SetupError(
    `\`python3\`: expected Python ${wanted} on the PATH, got ${old ? old.version : "none"}. ` +
      "Install it, on Debian and Ubuntu: apt-get install python3 python3-venv",
  );
}

/** @returns {Python[]} */
function findPythons() {
  // Without Debian's python3-venv package, venv can be imported but ensurepip cannot.
  const probe = [
    "import importlib.util as u, platform",
    "print(platform.python_version(), int(all(u.find_spec(m) for m in ('venv', 'ensurepip'))))",
  ].join("\n");
  const names = ["python3", "python", ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
  return names.flatMap((command) => {
    const { status, stdout } = spawnSync(command, ["-c", probe], { encoding: "utf8" });
    const [version, venv] = status === 0 ? stdout.trim().split(" ") : [];
    return version ? [{ command, version, venv: venv === "1" }] : [];
  });
}

/**
 * @param {string} version
 * @param {number[]} bound major and minor
 */
function isBefore(version, [major = 0, minor = 0]) {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a < major || (a === major && b < minor);
}
