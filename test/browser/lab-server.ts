/** `npm run lab` for one test: on a folder and port of its own, with settings of its own; it ends with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inProject } from "../../scripts/setup/project.mjs";

const START_SECONDS = 120;
const NOTEBOOK = "notebooks/ethics.ipynb";
const OPTIONS = ["--no-browser", "--expose-app-in-browser", "--port=0", "--ip=127.0.0.1"];

export class LabServer {
  /** Where the notebook is opened, with the token of this server. */
  notebookUrl = "";
  #log = "";

  private constructor(private readonly process: ChildProcess) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#log += text;
      });
    }
  }

  /**
   * @param folder root of the server, with notebooks/ethics.ipynb; settings go to `jupyter` in it
   */
  static async start(folder: string): Promise<LabServer> {
    const own = (name: string): string => join(folder, "jupyter", name);
    const runtime = own("runtime");
    mkdirSync(runtime, { recursive: true });
    const notification = own("settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings");
    mkdirSync(dirname(notification), { recursive: true });
    writeFileSync(notification, JSON.stringify({ fetchNews: "false", checkForUpdates: false }));
    const places = {
      JUPYTER_CONFIG_DIR: own("config"),
      JUPYTER_DATA_DIR: own("data"),
      JUPYTER_RUNTIME_DIR: runtime,
      JUPYTERLAB_SETTINGS_DIR: own("settings"),
      JUPYTERLAB_WORKSPACES_DIR: own("workspaces"),
      JUPYTER_PREFER_ENV_PATH: "1",
    };
    const args = [inProject("scripts", "lab.mjs"), ...OPTIONS, `--ServerApp.root_dir=${folder}`];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...places },
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithUs(child);
    const server = new LabServer(child);
    server.notebookUrl = await server.address(runtime);
    return server;
  }

  /** The end of what server and kernel printed. */
  get log(): string {
    return this.#log.trimEnd().split("\n").slice(-60).join("\n");
  }

  /** Ends the server and its kernels. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill("SIGTERM");
    await once(this.process, "exit");
  }

  /** Waits until the server answers; its port and token are in a file that it writes. */
  private async address(runtime: string): Promise<string> {
    for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end; await pause(100)) {
      if (this.process.exitCode !== null) break;
      const file = readdirSync(runtime).find((name) => /^jpserver-\d+\.json$/.test(name));
      const text = file && existsSync(join(runtime, file)) ? readFileSync(join(runtime, file), "utf8") : "";
      if (!text.endsWith("}")) continue;
      const { url, token } = JSON.parse(text) as { url: string; token: string };
      const answer = await fetch(`${url}api/status?token=${token}`).catch(() => undefined);
      if (answer?.ok) return `${url}lab/tree/${NOTEBOOK}?reset&token=${token}`;
    }
    const state = this.process.exitCode === null ? "no answer" : `exit code ${this.process.exitCode}`;
    await this.stop();
    throw new Error(`JupyterLab: expected to answer within ${START_SECONDS} s, got ${state}:\n${this.log}`);
  }
}

/** However this process ends (the test runner's time limit is a SIGTERM), the server ends with it. */
function endWithUs(child: ChildProcess): void {
  process.once("exit", () => child.kill("SIGTERM"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
}
