import { openPeers, type Peers } from "@headcut/coordinator";
import type { Command } from "commander";
import { readSecurity, type SecurityFiles } from "../node/read-security.ts";
import { parseClusterAddress } from "../remote/cluster-address.ts";

/** Options of every command that speaks to nodes, or is one. */
export const securityOptions = (command: Command): Command =>
  command
    .option("--token <text>", "what nodes and clients trust each other by; better in HEADCUT_TOKEN")
    .option("--tls-cert <file>", "certificate to show, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .option("--tls-ca <file>", "who signs the certificates of the others, PEM");

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
