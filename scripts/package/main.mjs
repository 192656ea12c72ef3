#!/usr/bin/env node
/** `npx ethics-for-robots`: the command of the package. */
import { refuseOptions, runMain, SetupError } from "../setup/setup-error.mjs";

const HELP = `LoRA fine-tuning of Hugging Face text classifiers in TypeScript.

  npx ethics-for-robots setup    once: TensorFlow and its addon for Node, into ETHICS_HOME or ~/.cache/ethics-for-robots
  npx ethics-for-robots doctor   what is there on this machine, and what is missing
  npx ethics-for-robots --help   this text`;

await runMain(async () => {
  const [command = "--help", ...rest] = process.argv.slice(2);
  if (["--help", "-h", "help"].includes(command) || rest.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  refuseOptions(`npx ethics-for-robots ${command}`, rest);
  if (command === "setup") return setUpPackage();
  if (command === "doctor") return (await import("../doctor/screen.mjs")).doctor();
  throw new SetupError(`\`${command}\`: expected setup or doctor. \`npx ethics-for-robots --help\` says what they do.`);
});

async function setUpPackage() {
  const { packageSteps, setUp } = await import("../setup.mjs");
  const { paths } = await import("../setup/project.mjs");
  console.log((await setUp(packageSteps)) ? `Set up in ${paths.state}.` : `Everything is set up in ${paths.state}.`);
  return 0;
}
