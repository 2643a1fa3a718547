import { openPeers } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { Database } from "../database.ts";
import { parseClusterAddress } from "./cluster-address.ts";
import { openLink } from "./cluster-link.ts";
import { remoteDatabase } from "./remote-database.ts";

/** How a client shows who it is, and knows whom it talks to. */
export interface ClusterSecurity {
  /** That of the cluster. */
  readonly token?: string;
  /** PEM texts. Any of them, or `grpc+tls://`, makes connections encrypted. */
  readonly tls?: {
    /** Who signed the nodes' certificates; by default the authorities Node knows. */
    readonly ca?: string | Buffer;
    /** The client's own certificate and its key, for clusters that want one. */
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    /** The name in the nodes' certificates, when it is not the host of the address. */
    readonly serverName?: string;
  };
}

/** A node that is busy is still the one that has the session and runs the statement: to give it up costs more than to wait. */
const PATIENCE_MS = 8000;

/** Resolves when a node has answered. Throws QueryError "invalid-argument", "io". */
export const openRemote = async (address: string, { token, tls }: ClusterSecurity): Promise<Database> => {
  const cluster = parseClusterAddress(address);
  const security = {
    ...(token !== undefined && { token }),
    ...((cluster.tls || tls !== undefined) && { tls: tlsSecurity(tls ?? {}) }),
  };
  const peers = openPeers(security, PATIENCE_MS);
  const link = openLink(peers, cluster.addresses, token);
  try {
    await link.greetAny(new AbortController().signal);
  } catch (cause) {
    await link.close();
    if (!(cause instanceof QueryError) || cause.code !== "io") throw cause;
    throw new QueryError("io", `cannot connect to ${address}: ${cause.message}`, { cause });
  }
  return remoteDatabase(link);
};

const tlsSecurity = ({ ca, cert, key, serverName }: NonNullable<ClusterSecurity["tls"]>) => ({
  ...(ca !== undefined && { ca: Buffer.from(ca) }),
  ...(cert !== undefined && { cert: Buffer.from(cert) }),
  ...(key !== undefined && { key: Buffer.from(key) }),
  ...(serverName !== undefined && { serverName }),
});
