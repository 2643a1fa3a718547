import type { SeedSource } from "./seed-source.ts";

export type EtcdSource = Extract<SeedSource, { kind: "etcd" }>;

/** Seconds after which etcd forgets a node that stopped telling of itself. */
const LEASE_SECONDS = 10;
const EVERY_MS = 3000;
const TIMEOUT_MS = 2000;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The key behind all that begin with `prefix`, as etcd's ranges want it: its last byte one higher. */
const endOf = (prefix: string): string => {
  const bytes = Buffer.from(prefix);
  bytes[bytes.length - 1]!++;
  return bytes.toString("base64");
};

/**
 * Keeps this node's address in etcd by a lease, and reads those of the others, through etcd's gateway for JSON (API version 3:
 * /v3/lease/grant, /v3/lease/keepalive, /v3/kv/put, /v3/kv/range). While etcd is away, what was known stays.
 */
export const watchEtcd = (
  { endpoint, prefix }: EtcdSource,
  self: { readonly nodeId: string; readonly address: string },
  onSeeds: (addresses: readonly string[]) => void,
): { close(): Promise<void> } => {
  let lease: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const ask = async (path: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${endpoint}/v3/${path}`, { method: "POST", body: JSON.stringify(body), signal });
    if (!response.ok) throw new Error(`etcd answered ${response.status}`);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  };
  const isKept = async (): Promise<boolean> => {
    if (lease === undefined) return false;
    const { result } = await ask("lease/keepalive", { ID: lease });
    return Number((result as { TTL?: unknown } | undefined)?.TTL ?? 0) > 0;
  };
  const keep = async (): Promise<void> => {
    if (await isKept()) return;
    const { ID } = await ask("lease/grant", { TTL: LEASE_SECONDS });
    lease = String(ID);
    await ask("kv/put", { key: base64(prefix + self.nodeId), value: base64(self.address), lease });
  };
  const read = async (): Promise<void> => {
    const { kvs } = await ask("kv/range", { key: base64(prefix), range_end: endOf(prefix) });
    const values = Array.isArray(kvs) ? (kvs as readonly { readonly value?: unknown }[]) : [];
    const addresses = values.map(({ value }) => Buffer.from(String(value), "base64").toString());
    if (!closed) onSeeds(addresses.filter((address) => address !== self.address));
  };
  const beat = async (): Promise<void> => {
    await keep().catch(() => {
      lease = undefined;
    });
    await read().catch(() => undefined);
    if (!closed) timer = setTimeout(() => void beat(), EVERY_MS);
  };
  void beat();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      if (lease !== undefined) await ask("lease/revoke", { ID: lease }).catch(() => undefined);
    },
  };
};
