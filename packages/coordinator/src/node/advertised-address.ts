import { hostname } from "node:os";
import { joinAddress, splitAddress } from "../rpc/address.ts";

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "*"]);

/**
 * `host:port` at which others reach a server that listens at `bound`. `advertise` is a host, a host and a port, or nothing: then it is the host
 * that was listened on, or this machine's name for a wildcard.
 */
export const advertisedAddress = (bound: string, advertise: string | undefined): string => {
  const { host, port } = splitAddress(bound);
  if (advertise === undefined) return joinAddress(WILDCARDS.has(host) ? hostname() : host, port);
  if (/^\[[^\]]+\]$/.test(advertise)) return `${advertise}:${port}`;
  // More than one colon without brackets is an IPv6 address alone.
  if (!advertise.includes(":") || (advertise.split(":").length > 2 && !advertise.startsWith("["))) {
    return joinAddress(advertise, port);
  }
  splitAddress(advertise);
  return advertise;
};
