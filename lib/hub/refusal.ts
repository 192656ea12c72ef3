/** Answers of the hub that are errors, as errors that say what to do. */
import { HubError, type HubErrorDetails } from "./error";
import { shownProxy } from "./net/proxy";
import { retryAfterOf } from "./net/retries";
import type { HubSettings } from "./settings";

/** A repository of the hub. */
export interface Repository {
  kind: "model" | "dataset";
  /** E.g. "FacebookAI/roberta-large". */
  id: string;
}

/** The error for a hub, or a proxy in its place, that gave no usable answer. */
export function unreachable(id: string, settings: HubSettings, got: string, details: HubErrorDetails = {}): HubError {
  const { endpoint, proxies } = settings;
  const proxy = endpoint.startsWith("https:") ? (proxies.https ?? proxies.http) : proxies.http;
  const through = proxy === undefined ? "" : ` (through the proxy ${shownProxy(proxy)} unless NO_PROXY names the host)`;
  const remedy = `Check the network${proxy === undefined ? "" : " and the proxy"}, or name a folder that holds the files.`;
  const message = `\`${id}\`: expected an answer from ${endpoint}${through}, got ${got}. ${remedy}`;
  return new HubError("unreachable", message, details);
}

/** The error that an answer's status and headers mean. */
export function refusalOf(response: Response, repository: Repository, settings: HubSettings): HubError {
  const { id } = repository;
  const { status, headers } = response;
  const { endpoint } = settings;
  const code = headers.get("X-Error-Code");
  const got = `HTTP ${status}${code === null ? "" : ` ${code}`}`;
  const url = new URL(response.url);
  if (url.origin !== new URL(endpoint).origin || status === 429 || status >= 500) {
    const retryAfter = retryAfterOf(headers);
    const wait = retryAfter === undefined ? "" : `, which asks to wait ${Math.ceil(retryAfter / 1000)} s`;
    return unreachable(id, settings, `${got} from ${url.host}${wait}`, {
      status,
      passing: status === 429 || status >= 500,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }
  if (code === "RevisionNotFound") {
    const message = `\`${id}\`: expected a revision that the hub has, got ${got}. Check \`revision\`.`;
    return new HubError("revision", message, { status });
  }
  if (code === "EntryNotFound") {
    return new HubError("files", `\`${id}\`: expected the file ${response.url}, got ${got}.`, { status });
  }
  return accessError(response, got, repository, settings);
}

/** The error for a repository that is not there for this token. */
function accessError(response: Response, got: string, { id, kind }: Repository, settings: HubSettings): HubError {
  const { endpoint, token } = settings;
  const { status, headers } = response;
  const page = `${endpoint}/${kind === "model" ? "" : "datasets/"}${id}`;
  if (headers.get("X-Error-Code") === "GatedRepo" || status === 403) {
    const remedy = `Ask for access at ${page}, then set HF_TOKEN to a token that has it.`;
    const how = token === undefined ? "without a token" : "with the token";
    const message = `\`${id}\`: expected access to this gated repository, got ${got} ${how}. ${remedy}`;
    return new HubError("access", message, { status });
  }
  if (/invalid credentials/i.test(headers.get("X-Error-Message") ?? "")) {
    const remedy = "Make a new token at the hub, or remove HF_TOKEN and the token file.";
    const message = `\`${id}\`: expected a valid token, got ${got}: the hub refuses this one. ${remedy}`;
    return new HubError("access", message, { status });
  }
  const remedy = `Check the name; a private repository needs a token with access in HF_TOKEN${token === undefined ? " (none is set)" : ""}.`;
  return new HubError("repository", `\`${id}\`: expected a ${kind} at ${page}, got ${got}. ${remedy}`, { status });
}
