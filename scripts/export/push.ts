/** `npm run push`: a run's adapter, card and ONNX files to the Hugging Face hub; without --yes it only says what it would do. */
import { resolve } from "node:path";
import { pushToHub } from "../../lib/hub/push";
import { helpLine, type Option, parse } from "../cli/command-line";
import { callerFolder } from "../cli/paths";
import { runCommand } from "../cli/run-command";

const OPTIONS: readonly Option[] = [
  { name: "run", kind: "text", required: true, help: "the folder of a run, an adapter or a model", placeholder: "DIR" },
  { name: "to", kind: "text", required: true, help: "the repository of the hub", placeholder: "USER/NAME" },
  { name: "private", kind: "flag", help: "make a new repository private" },
  { name: "yes", kind: "flag", help: "upload; without it the files are only listed" },
  { name: "help", kind: "flag", help: "print this" },
];

const HELP = [
  "npm run push -- --run DIR --to USER/NAME [options]     a run's adapter, card and ONNX files to the Hugging Face hub",
  "",
  ...OPTIONS.map(helpLine),
].join("\n");

/**
 * Pushes a folder, or says what would be pushed.
 *
 * @returns the exit code
 * @throws {UsageError} a mistake in what was typed
 * @throws {HubError} the hub refuses it
 */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const given = parse(args, OPTIONS);
  const options = { dryRun: given.yes !== true, private: given.private === true };
  const { url, files, commit } = await pushToHub(resolve(callerFolder(), String(given.run)), String(given.to), options);
  for (const { path, bytes } of files) console.log(`  ${path}  ${(bytes / 1e6).toFixed(1)} MB`);
  console.log(
    commit === undefined ? `Would go to ${url}. Add --yes to upload.` : `Uploaded to ${url}, commit ${commit}.`,
  );
  return 0;
}

if (require.main === module) runCommand(main);
