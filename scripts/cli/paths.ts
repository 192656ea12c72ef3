/** Resolves typed paths, and shortens paths for the screen. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { relative, resolve } from "node:path";

/** The folder in which `npm start` or another command was typed; npm itself changes to the project's root. */
export function callerFolder(): string {
  const { npm_lifecycle_event: command = "", INIT_CWD } = process.env;
  return (
    (["start", "cli", "sweep", "explore", "export", "page", "push"].includes(command) && INIT_CWD) || process.cwd()
  );
}

/** A path as typed, made absolute; a Hugging Face id stays as it is. */
export function absolutePath(typed: string, folder: string = callerFolder()): string {
  const path = resolve(folder, typed.replace(/^~(?=\/|$)/, homedir()));
  return existsSync(path) || /^[.~/]/.test(typed) ? path : typed;
}

/** Makes the paths of model and dataset absolute, where given. */
export function withAbsolutePaths<T extends { model?: unknown; dataset?: unknown }>(given: T): T {
  const paths = Object.entries({ model: given.model, dataset: given.dataset }).flatMap(([name, typed]) =>
    typeof typed === "string" ? [[name, absolutePath(typed)]] : [],
  );
  return { ...given, ...Object.fromEntries(paths) };
}

/** A path for the screen: relative to the caller's folder if inside it, else absolute. */
export function shownPath(path: string): string {
  const near = relative(callerFolder(), path);
  return near.startsWith("..") ? path : near;
}

/** The name of a new run's folder: date and time. */
export function newRunName(): string {
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  return now.slice(0, 19).replace("T", "_").replaceAll(":", "-");
}
