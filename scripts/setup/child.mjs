/** Starts programs, silently with their output captured, or in the foreground. */
import { spawn } from "node:child_process";
import { Transform } from "node:stream";
import { childEnvironment, root } from "./project.mjs";
import { SetupError } from "./setup-error.mjs";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
let isEnding = false;

/**
 * Runs a command silently and returns what it printed on stdout.
 * @param {string} what the step in words, for the error
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<string>}
 * @throws {SetupError} with the end of its output, when it fails
 */
export function capture(what, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...childEnvironment(), ...options.env };
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let stdout = "";
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      all += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      all += text;
    });
    child.on("error", (error) => {
      running.delete(child);
      reject(new SetupError(`\`${command}\`: expected to start for ${what}, got: ${error.message}.`));
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      // A child that was ended on purpose has not failed.
      if (isEnding) return;
      if (code === 0) return resolve(stdout);
      reject(
        new SetupError(
          `${endsOf(withoutNoise(all).trimEnd())}\n\n\`${command}\`: expected exit code 0 for ${what}, got ${signal ?? code}.`,
        ),
      );
    });
  });
}

/** Some tools give the reason first (npm), some last (pip). @param {string} text */
function endsOf(text) {
  const lines = text.split("\n");
  return lines.length <= 30 ? text : [...lines.slice(0, 15), "…", ...lines.slice(-15)].join("\n");
}

/** Ends the running children of `capture` and waits for them. */
export async function endChildren() {
  isEnding = true;
  await Promise.all(
    [...running].map((child) => {
      const ended = new Promise((resolve) => child.on("close", resolve));
      child.kill("SIGTERM");
      return ended;
    }),
  );
}

/**
 * Runs a command in the foreground. Ctrl-C in a terminal reaches the child directly; without a terminal this process
 * passes the signal on.
 * @param {string} command
 * @param {string[]} args
 * @param {{ filterOutput?: boolean }} [options] whether to drop noise from stdout too, which is then a pipe
 * @returns {Promise<number>} its exit code
 */
export function passThrough(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const { filterOutput = false } = options;
    const colour = filterOutput && process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
    const env = { ...colour, ...childEnvironment() };
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ["inherit", filterOutput ? "pipe" : "inherit", "pipe"],
    });
    child.stdout?.pipe(noiseFilter()).pipe(process.stdout, { end: false });
    child.stderr?.pipe(noiseFilter()).pipe(process.stderr, { end: false });
    /** @type {NodeJS.SignalsListener} */
    const handOn = (signal) => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, handOn);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const name of signals) process.off(name, handOn);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

/** Two lines that TensorFlow writes before it reads its own log level. */
const noise = /^(WARNING: All log messages before absl::InitializeLog|I\d{4} .*oneDNN custom operations are on)/;
const noiseStarts = ["WARNING: All log messages", "I0000"];

/** @param {string} text */
export const withoutNoise = (text) =>
  text
    .split("\n")
    .filter((line) => !noise.test(line))
    .join("\n");

/** Drops noise lines. Everything else passes at once, including partial lines such as progress bars. */
export function noiseFilter() {
  let held = "";
  return new Transform({
    decodeStrings: false,
    transform(chunk, _encoding, done) {
      const lines = (held + chunk.toString("utf8")).split(/(?<=\n)/);
      const last = lines.at(-1) ?? "";
      const mayBeNoise =
        !last.endsWith("\n") && noiseStarts.some((start) => last.startsWith(start) || start.startsWith(last));
      held = mayBeNoise ? (lines.pop() ?? "") : "";
      done(null, lines.filter((line) => !noise.test(line)).join(""));
    },
    flush(done) {
      done(null, noise.test(held) ? "" : held);
    },
  });
}
