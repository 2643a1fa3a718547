import { QueryError } from "@headcut/plan";

/** Some nodes of a cluster, as `connect` is told them. */
export interface ClusterAddress {
  /** `host:port`, at least one. */
  readonly addresses: readonly string[];
  readonly tls: boolean;
}

const DEFAULT_PORT = 8815;
const SCHEMES: Readonly<Record<string, { readonly tls: boolean }>> = {
  "grpc://": { tls: false },
  "grpc+tcp://": { tls: false },
  "grpc+tls://": { tls: true },
};
const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@,[\]]+)(?::(\d{1,5}))?$/;

/** Reads `grpc://a:8815,b:8815` or `grpc+tls://…`. Throws QueryError "invalid-argument". */
export const parseClusterAddress = (text: string): ClusterAddress => {
  const scheme = Object.keys(SCHEMES).find((known) => text.startsWith(known));
  if (scheme === undefined) throw wrong(text, "it does not begin with grpc:// or grpc+tls://");
  const addresses = text
    .slice(scheme.length)
    .replace(/\/$/, "")
    .split(",")
    .map((part) => {
      const [, host, port = String(DEFAULT_PORT)] = ADDRESS.exec(part.trim()) ?? [];
      if (host === undefined || Number(port) > 65535) throw wrong(text, `"${part.trim()}" is not host:port`);
      return `${host}:${port}`;
    });
  return { addresses: [...new Set(addresses)], ...SCHEMES[scheme]! };
};

const wrong = (text: string, why: string): QueryError =>
  new QueryError("invalid-argument", `cannot connect to "${text}": ${why}`, {
    hint: "Write grpc://host:port, or grpc://host:port,host:port; connect() without an address runs the engine in this process.",
  });
