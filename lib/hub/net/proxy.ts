/** `fetch` through the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name. */

/** Proxies, and the hosts that are asked without one. */
export interface ProxySettings {
  /** URL of the proxy for http:// addresses, if there is one. */
  http: string | undefined;
  /** URL of the proxy for https:// addresses, if there is one. */
  https: string | undefined;
  /** Hosts with commas between them; `*` for all. */
  no: string;
}

/** Reads the variables; of a name in small and capital letters the small one counts, as in curl. */
export function proxySettings(environment: NodeJS.ProcessEnv): ProxySettings {
  const read = (name: string): string => environment[name] || environment[name.toUpperCase()] || "";
  const proxy = (name: string): string | undefined => {
    const address = read(name) || read("all_proxy");
    if (address === "") return undefined;
    const url = address.includes("://") ? address : `http://${address}`;
    if (URL.canParse(url) && /^https?:/.test(url)) return url;
    throw new Error(
      `\`${name.toUpperCase()}\`: expected the http:// or https:// address of a proxy, got ${shownProxy(address)}.`,
    );
  };
  return { http: proxy("http_proxy"), https: proxy("https_proxy"), no: read("no_proxy") };
}

/** A proxy's address for messages: without user and password. */
export function shownProxy(address: string): string {
  return address.replace(/^([a-z][\w+.-]*:\/\/)?.*@/i, "$1");
}

const made = new Map<string, Promise<typeof fetch>>();

/** @returns Node's own `fetch` where no proxy is set, else one that asks through the proxies */
export function fetchThrough(proxies: ProxySettings): Promise<typeof fetch> {
  if (proxies.http === undefined && proxies.https === undefined) return Promise.resolve(fetch);
  const key = JSON.stringify(proxies);
  const through = made.get(key) ?? proxied(proxies);
  made.set(key, through);
  return through;
}

async function proxied({ http = "", https = "", no }: ProxySettings): Promise<typeof fetch> {
  // Loaded where it is needed: Node's own fetch takes no other version's proxies.
  const undici = await import("undici");
  const dispatcher = new undici.EnvHttpProxyAgent({ httpProxy: http, httpsProxy: https, noProxy: no });
  const send = undici.fetch as unknown as (address: unknown, options: object) => Promise<Response>;
  return (address, options) => send(address, { ...options, dispatcher });
}
