/** Paths that were typed, and paths that are shown. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { relative, resolve } from "node:path";

/** Where the person stood who typed `npm start`, `npm run sweep` and the like: npm itself changes to the project's root. */
export function callerFolder(): string {
  const { npm_lifecycle_event: command = "", INIT_CWD } = process.env;
  return (["start", "sweep", "explore", "export", "page"].includes(command) && INIT_CWD) || process.cwd();
}

/** A path as typed, made absolute; a Hugging Face id stays as it is. */
export function absolutePath(typed: string, folder: string = callerFolder()): string {
  const path = resolve(folder, typed.replace(/^~(?=\/|$)/, homedir()));
  return existsSync(path) || /^[.~/]/.test(typed) ? path : typed;
}

/** @returns the parameters with the model's and the dataset's paths made absolute, where they were given */
export function withAbsolutePaths<T extends { model?: unknown; dataset?: unknown }>(given: T): T {
  const paths = Object.entries({ model: given.model, dataset: given.dataset }).flatMap(([name, typed]) =>
    typeof typed === "string" ? [[name, absolutePath(typed)]] : [],
  );
  return { ...given, ...Object.fromEntries(paths) };
}

/** A path for the screen: from where the command was typed, or absolute where that is elsewhere. */
export function shownPath(path: string): string {
  const near = relative(callerFolder(), path);
  return near.startsWith("..") ? path : near;
}
