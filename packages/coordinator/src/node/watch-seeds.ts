import { lookup } from "node:dns/promises";
import { joinAddress } from "../rpc/address.ts";
import type { SeedSource } from "./seed-source.ts";
import { type EtcdSource, watchEtcd } from "./watch-etcd.ts";

/** Seeds that are looked up again and again. */
export interface SeedWatch {
  /** What is kept elsewhere of this node is taken away. */
  close(): Promise<void>;
}

const DNS_EVERY_MS = 3000;

/** Tells of a source's addresses, at once (nothing yet, where they have to be asked for) and whenever they were asked for again. */
export const watchSeeds = (
  source: SeedSource,
  self: { readonly nodeId: string; readonly address: string },
  onSeeds: (addresses: readonly string[]) => void,
): SeedWatch => {
  switch (source.kind) {
    case "none":
    case "list":
      onSeeds(source.kind === "list" ? source.addresses : []);
      return { close: async () => undefined };
    case "dns":
      onSeeds([]);
      return watchDns(source, onSeeds);
    case "etcd":
      onSeeds([]);
      return watchEtcd(source satisfies EtcdSource, self, onSeeds);
  }
};

/** A name without addresses is nothing unusual: the first node of a cluster finds nobody. */
const watchDns = (
  { name, port }: Extract<SeedSource, { kind: "dns" }>,
  onSeeds: (addresses: readonly string[]) => void,
): SeedWatch => {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const found = await lookup(name, { all: true }).catch(() => undefined);
    if (closed) return;
    // Old addresses are better than none while the name server is away.
    if (found !== undefined) onSeeds(found.map(({ address }) => joinAddress(address, port)));
    timer = setTimeout(() => void look(), DNS_EVERY_MS);
  };
  void look();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
    },
  };
};
