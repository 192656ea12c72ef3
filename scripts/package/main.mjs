#!/usr/bin/env node
/** `npx ethics-for-robots`: the command of the package. */
import { createRequire } from "node:module";
import { refuseOptions, runMain } from "../setup/setup-error.mjs";

await runMain(async () => {
  const [command, ...rest] = process.argv.slice(2);
  if (command === "setup" || command === "doctor") {
    if (rest.includes("--help")) return showHelp(command);
    refuseOptions(`npx ethics-for-robots ${command}`, rest);
    return command === "setup" ? setUpPackage() : (await import("../doctor/screen.mjs")).doctor();
  }
  return createRequire(import.meta.url)("../cli/main.js").main(process.argv.slice(2));
});

/** @param {"setup" | "doctor"} command */
function showHelp(command) {
  const made = "makes TensorFlow's library, its addon and kernels in ETHICS_HOME or ~/.cache/ethics-for-robots, once";
  const seen = "says what is there on this machine, and what is missing";
  console.log(`npx ethics-for-robots ${command}     ${command === "setup" ? made : seen}`);
  return 0;
}

async function setUpPackage() {
  const { packageSteps, setUp } = await import("../setup.mjs");
  const { paths } = await import("../setup/project.mjs");
  console.log((await setUp(packageSteps)) ? `Set up in ${paths.state}.` : `Everything is set up in ${paths.state}.`);
  return 0;
}
