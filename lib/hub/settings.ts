/** What the environment says about the Hugging Face hub, by the variables that Python's huggingface_hub reads. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ProxySettings, proxySettings } from "./net/proxy";

/** Address of the hub, token and cache. */
export interface HubSettings {
  /** URL of the hub, without a slash at its end. */
  endpoint: string;
  /** Folder of the cache. */
  cache: string;
  /** Access token, if there is one. */
  token: string | undefined;
  /** True where the hub must not be asked. */
  offline: boolean;
  /** How long an answer may take to begin, and each wait for more of it, in milliseconds. */
  patience: number;
  /** How long attempts go on that bring nothing, in milliseconds. */
  retryFor: number;
  /** Proxies between this machine and the hub. */
  proxies: ProxySettings;
}

/** Reads the settings; an empty variable counts as not set. */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const { HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_ETAG_TIMEOUT, HUGGINGFACE_HUB_CACHE, XDG_CACHE_HOME } =
    environment;
  const patience = 1000 * (Number(HF_HUB_ETAG_TIMEOUT) || 10);
  const home = withoutTilde(HF_HOME || join(XDG_CACHE_HOME || join("~", ".cache"), "huggingface"));
  return {
    endpoint: (HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
    cache: withoutTilde(HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(home, "hub")),
    token: readToken(environment, home),
    offline: isTrue(environment.HF_HUB_OFFLINE) || isTrue(environment.TRANSFORMERS_OFFLINE),
    patience,
    retryFor: 6 * patience,
    proxies: proxySettings(environment),
  };
}

function readToken(environment: NodeJS.ProcessEnv, home: string): string | undefined {
  if (isTrue(environment.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  const given = (environment.HF_TOKEN || environment.HUGGING_FACE_HUB_TOKEN)?.trim();
  if (given) return given;
  const file = withoutTilde(environment.HF_TOKEN_PATH || join(home, "token"));
  return existsSync(file) ? readFileSync(file, "utf8").trim() || undefined : undefined;
}

function withoutTilde(file: string): string {
  return file === "~" || file.startsWith("~/") ? join(homedir(), file.slice(1)) : file;
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(value?.toUpperCase() ?? "");
}
