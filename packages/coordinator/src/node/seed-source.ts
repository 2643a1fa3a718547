import { isIP } from "node:net";
import { QueryError } from "@headcut/plan";

/** How a node finds the others. Addresses are `host:port`. */
export type SeedSource =
  /** None: a cluster of one, until others call it. */
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly addresses: readonly string[] }
  /** All addresses of a name, such as that of a headless service; asked again every few seconds, of `server` (`ip:port`) or of whom the system asks. */
  | { readonly kind: "dns"; readonly name: string; readonly port: number; readonly server?: string }
  /** Hosts and ports that a name's SRV records have (RFC 2782); otherwise the same. */
  | { readonly kind: "srv"; readonly name: string; readonly server?: string }
  /** Keys below `prefix` in etcd, each node's own kept by a lease. */
  | { readonly kind: "etcd"; readonly endpoint: string; readonly prefix: string };

const DEFAULT_PREFIX = "/headcut/nodes/";

/**
 * Reads `host:port,host:port`, `dns:name:port`, `dns:_service._proto.name` (SRV records), each with a server of its own as `dns://ip:port/name:port`, or
 * `etcd:http://host:port/prefix`; nothing is `none`. Throws QueryError "invalid-argument".
 */
export const parseSeedSource = (text: string): SeedSource => {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "none" };
  if (trimmed.startsWith("dns:")) return dnsSource(trimmed.slice(4), text);
  if (trimmed.startsWith("etcd:")) return etcdSource(trimmed.slice(5), text);
  const addresses = trimmed.split(",").map((part) => part.trim());
  for (const address of addresses) splitAddress(address, text);
  return { kind: "list", addresses };
};

const DNS_PORT = 53;

/** `name:port`, `_service._proto.name`, and either with `//server/` before. */
const dnsSource = (rest: string, text: string): SeedSource => {
  const [, authority, asked] = /^(?:\/\/([^/]*)\/)?(.*)$/.exec(rest)!;
  const server = authority === undefined ? {} : { server: serverAddress(authority, text) };
  if (/^_[^\s:/]+\._[^\s:/.]+\.[^\s:/]+$/.test(asked!)) return { kind: "srv", name: asked!, ...server };
  const [name, port] = splitAddress(asked!, text);
  return { kind: "dns", name, port, ...server };
};

/** Of a name server; its name could not be looked up. */
const serverAddress = (authority: string, text: string): string => {
  const [, host, digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const port = Number(digits ?? DNS_PORT);
  if (isIP(host?.replace(/^\[(.*)\]$/, "$1") ?? "") === 0 || port < 1 || port > 65535) {
    throw wrong(text, `${JSON.stringify(authority)} is not a name server's ip:port`);
  }
  return `${host}:${port}`;
};

const splitAddress = (address: string, text: string): readonly [string, number] => {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):(\d{1,5})$/.exec(address);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65535) throw wrong(text, `${JSON.stringify(address)} is not host:port`);
  return [match[1]!, port];
};

const etcdSource = (rest: string, text: string): SeedSource => {
  let url: URL;
  try {
    url = new URL(rest.includes("://") ? rest : `http://${rest}`);
  } catch {
    throw wrong(text, `${JSON.stringify(rest)} is no address of an etcd`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw wrong(text, "etcd is reached by http or https");
  const path = url.pathname === "/" ? DEFAULT_PREFIX : url.pathname;
  return { kind: "etcd", endpoint: url.origin, prefix: path.endsWith("/") ? path : `${path}/` };
};

const wrong = (text: string, why: string): QueryError =>
  new QueryError("invalid-argument", `cannot join ${JSON.stringify(text)}: ${why}`, {
    hint: "Write host:port,host:port, or dns:name:port, or dns:_service._tcp.name, or etcd:http://host:port/prefix.",
  });
