/** `export`: a finished run's model for ONNX Runtime and transformers.js. */
import { resolve } from "node:path";
import type { OnnxOptions } from "../../lib/onnx/export";
import { command } from "../cli/command";
import { words } from "../cli/command-line";
import { callerFolder } from "../cli/paths";

const DTYPES = ["fp32", "fp16", "q8"];

export const exportModel = command(
  {
    name: "export",
    title: "a finished run's model as ONNX, for transformers.js",
    options: [
      { name: "run", kind: "text", required: true, help: "the folder of a finished run", placeholder: "DIR" },
      { name: "out", kind: "text", required: true, help: "the folder to write", placeholder: "DIR" },
      { name: "dtypes", kind: "list", initial: DTYPES, choices: words(DTYPES), help: "number formats, a file each" },
      {
        name: "lora",
        kind: "text",
        initial: "merged",
        choices: words(["merged", "inputs"]),
        help: "the adapter inside the weights, or apart as inputs of the model",
      },
    ],
  },
  async ({ run, out, ...options }) => {
    const [from, folder] = [run, out].map((typed) => resolve(callerFolder(), String(typed))) as [string, string];
    const { exportRun } = require("../export/export") as typeof import("../export/export");
    await exportRun(from, folder, options as OnnxOptions);
    return 0;
  },
);
