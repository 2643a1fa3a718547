import type { SeedSource } from "./seed-source.ts";
import { watchDns } from "./watch-dns.ts";
import { type EtcdSource, watchEtcd } from "./watch-etcd.ts";

/** Seeds that are looked up again and again. */
export interface SeedWatch {
  /** What is kept elsewhere of this node is taken away. */
  close(): Promise<void>;
}

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
    case "srv":
      onSeeds([]);
      return watchDns(source, onSeeds);
    case "etcd":
      onSeeds([]);
      return watchEtcd(source satisfies EtcdSource, self, onSeeds);
  }
};
