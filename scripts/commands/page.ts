/** `page`: makes one HTML file of a finished run with a small model, which opens by double click. */
import { join, resolve } from "node:path";
import { command } from "../cli/command";
import { callerFolder } from "../cli/paths";

export const page = command(
  {
    name: "page",
    title: "a page that judges texts, before and after training",
    options: [
      { name: "run", kind: "text", required: true, help: "the folder of a finished run", placeholder: "DIR" },
      { name: "out", kind: "text", help: "the page; default page.html in the run's folder", placeholder: "FILE" },
      { name: "title", kind: "text", help: "its title", placeholder: "TEXT" },
    ],
  },
  async ({ run, out, title }) => {
    const folder = resolve(callerFolder(), String(run));
    const file = out === undefined ? join(folder, "page.html") : resolve(callerFolder(), String(out));
    const { writePage } = require("../page/page") as typeof import("../page/page");
    await writePage(folder, file, String(title ?? "Before and after LoRA"));
    return 0;
  },
);
