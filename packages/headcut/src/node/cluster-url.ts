import { QueryError } from "@headcut/plan";

/** Where some nodes of a cluster are. */
export interface ClusterUrl {
  /** host:port */
  readonly addresses: readonly string[];
  readonly tls: boolean;
}

const DEFAULT_PORT = 8815;

/** Reads `grpc://a:8815,b:8815`, or `grpcs://…` for TLS; the scheme and the port may be left out. Throws QueryError "invalid-argument". */
export const parseClusterUrl = (text: string): ClusterUrl => {
  const match = /^(?:(grpc|grpcs|grpc\+tcp|grpc\+tls):\/\/)?([^/]+)\/?$/.exec(text.trim());
  const addresses = match?.[2]!.split(",").map((part) => withPort(part.trim())) ?? [];
  if (addresses.length === 0 || addresses.includes(undefined)) {
    throw new QueryError("invalid-argument", `${JSON.stringify(text)} is not the address of a cluster`, {
      hint: "Write grpc://host:port,host:port, or grpcs:// for TLS.",
    });
  }
  return { addresses: addresses as string[], tls: match?.[1] === "grpcs" || match?.[1] === "grpc+tls" };
};

const withPort = (address: string): string | undefined => {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+)(?::(\d{1,5}))?$/.exec(address);
  if (match === null || Number(match[2] ?? 1) > 65535) return undefined;
  return `${match[1]}:${match[2] ?? DEFAULT_PORT}`;
};
