import { CANCELLED, lookup, Resolver, TIMEOUT } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { joinAddress } from "../rpc/address.ts";
import type { SeedSource } from "./seed-source.ts";

export type DnsSource = Extract<SeedSource, { kind: "dns" | "srv" }>;

const EVERY_MS = 3000;
const TIMEOUT_MS = 1500;

/**
 * Asks for a name's addresses again and again. A name without any is nothing unusual: the first node of a cluster finds nobody. What was found last
 * stays while the name server is away, or knows nobody any more: nodes that are gone are noticed by their silence.
 */
export const watchDns = (
  source: DnsSource,
  onSeeds: (addresses: readonly string[]) => void,
): { close(): Promise<void> } => {
  let resolver: Resolver | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    // A new one reads the system's settings anew.
    resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
    if (source.server !== undefined) resolver.setServers([source.server]);
    const found = await addressesOf(source, resolver).catch(() => []);
    if (closed) return;
    if (found.length > 0) onSeeds(found);
    timer = setTimeout(() => void look(), EVERY_MS);
  };
  void look();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      resolver?.cancel();
    },
  };
};

/** Throws when nobody answers. */
const addressesOf = async (source: DnsSource, resolver: Resolver): Promise<readonly string[]> => {
  const { name } = source;
  const isDirect = source.server !== undefined;
  switch (source.kind) {
    case "dns": {
      const hosts = isDirect ? await hostsOf(name, resolver) : await systemHostsOf(name, resolver);
      return hosts.map(({ address }) => joinAddress(address, source.port));
    }
    case "srv": {
      const services = await resolver.resolveSrv(name);
      // Names, where the system knows them too: certificates are for names.
      if (!isDirect) return services.map((service) => joinAddress(service.name, service.port));
      const found = services.map(async (service) => {
        const hosts = await hostsOf(service.name, resolver).catch(() => []);
        return hosts.map(({ address }) => joinAddress(address, service.port));
      });
      return (await Promise.all(found)).flat();
    }
  }
};

const HOSTS = "/etc/hosts";

/**
 * As the system looks names up: with its file of hosts, and completing short names. That cannot be cancelled, and while no name server answers it would
 * hold a process that wants to end for half a minute. So it is done only where it is soon done.
 */
const systemHostsOf = async (name: string, resolver: Resolver): Promise<readonly { readonly address: string }[]> => {
  const isAnswered = resolver.resolve4(name).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== TIMEOUT && code !== CANCELLED,
  );
  const isKnown = async (): Promise<boolean> =>
    (await readFile(HOSTS, "utf8").catch(() => "")).split(/\s+/).includes(name);
  return (await isAnswered) || (await isKnown()) ? lookup(name, { all: true }) : [];
};

/** Of both families; a name with addresses of one has none of the other. Throws when neither is answered. */
const hostsOf = async (name: string, resolver: Resolver): Promise<readonly { readonly address: string }[]> => {
  const asked = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const answered = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  if (answered.length === 0) throw (asked[0] as PromiseRejectedResult).reason;
  return answered.flat().map((address) => ({ address }));
};
