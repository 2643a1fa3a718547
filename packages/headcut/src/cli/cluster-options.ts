import { openPeers, type Peers } from "@headcut/coordinator";
import { readSecurity, type SecurityFiles } from "../node/read-security.ts";
import { parseClusterAddress } from "../remote/cluster-address.ts";

export interface OpenedCluster {
  readonly addresses: readonly string[];
  readonly peers: Peers;
}

/** Channels to a cluster's nodes; the caller closes them. Throws QueryError. */
export const openCluster = async (url: string, files: SecurityFiles): Promise<OpenedCluster> => {
  const { addresses, tls } = parseClusterAddress(url);
  const security = await readSecurity(files);
  return { addresses, peers: openPeers(tls && security.tls === undefined ? { ...security, tls: {} } : security) };
};
