import { QueryError } from "@headcut/plan";

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Of `host:port` or `[ipv6]:port`. Throws QueryError "invalid-argument". */
export const splitAddress = (address: string): HostAndPort => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new QueryError("invalid-argument", `"${address}" is not an address such as host:8815`);
  }
  return { host: match[1] ?? match[2]!, port };
};

export const joinAddress = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
