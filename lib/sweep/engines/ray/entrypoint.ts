/** The shell command of a Ray job. */
import * as path from "node:path";
import { CHILD_ARGUMENTS } from "../handing-over";

const PROJECT = path.resolve(__dirname, "../../../..");

/**
 * Runs the job's program in the project; says in one line what a node lacks.
 *
 * @param task file of the attempt
 * @param project its folder on every node
 */
export function entrypoint(task: string, project = PROJECT): string {
  const program = path.relative(PROJECT, path.join(__dirname, `job${path.extname(__filename)}`));
  const lacks = (name: string, what: string): string =>
    `{ echo "\\\`${name}\\\`: expected ${what} on $(hostname), got none."; exit 1; }`;
  return [
    `command -v node >/dev/null || ${lacks("node", "Node.js on the PATH")}`,
    `[ -f ${quoted(path.join(project, program))} ] || ${lacks("project", `this project in ${project}`)}`,
    `cd ${quoted(project)} && exec node ${[...CHILD_ARGUMENTS, program].join(" ")} ${quoted(task)}`,
  ].join("; ");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
