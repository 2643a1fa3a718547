import type { NodeId } from "../placement/cluster-node.ts";
import type { CatalogLinks, CatalogNode } from "./cluster-catalog.ts";
import type { NodeListing } from "./merge-listings.ts";
import type { ShardEntry } from "./shard-entry.ts";
import { type ListingAnswer, type ListingRequest, listingAnswer, listingRequest } from "./shard-messages.ts";
import type { ShardListing } from "./shard-store.ts";

/** An answer is taken for current so long: files that are put into a folder by hand are seen this much later. */
const FRESH_MS = 1000;
const CALL_TIMEOUT_MS = 5000;
/** How long a query waits for a node that it has a listing of already, and for one that it knows nothing of. */
const PATIENCE_MS = 300;
const FIRST_PATIENCE_MS = 2000;
/** A node that failed to answer is not waited for again so soon. */
const REST_MS = 1000;

interface Known {
  listing: ShardListing | undefined;
  /** When the last good answer was asked for, and how often everything had been invalidated by then. */
  validAt: number;
  epoch: number;
  failedAt: number;
  asking: { readonly answered: Promise<void>; readonly epoch: number } | undefined;
}

/** What the other nodes hold, asked for when it may have changed, and remembered when they are lost. */
export interface PeerListings {
  /** Makes them current, as far as the nodes answer soon. */
  refresh(): Promise<void>;
  /** What was known is no longer taken for current. */
  invalidate(): void;
  listings(): readonly NodeListing[];
  /** Living nodes that have never said what they hold. */
  silent(): readonly NodeId[];
  close(): void;
}

export const openPeerListings = ({ peers, call }: Pick<CatalogLinks, "peers" | "call">): PeerListings => {
  const known = new Map<NodeId, Known>();
  const stop = new AbortController();
  let epoch = 0;

  const ask = async (node: CatalogNode, state: Known, asked: number): Promise<void> => {
    const askedAt = performance.now();
    const one = async (request: ListingRequest): Promise<ListingAnswer> =>
      listingAnswer.decode(
        await call(node.address, "shards", listingRequest.encode(request), {
          timeoutMs: CALL_TIMEOUT_MS,
          signal: stop.signal,
        }),
      );
    try {
      state.listing = (await readListing(one, state.listing?.version)) ?? state.listing;
      state.validAt = askedAt;
      state.epoch = asked;
      state.failedAt = Number.NEGATIVE_INFINITY;
    } catch {
      // What it held is remembered; a query that needs it will say so.
      state.failedAt = performance.now();
    }
    if (state.asking?.epoch === asked) state.asking = undefined;
  };

  const stateOf = ({ nodeId }: CatalogNode): Known => {
    let state = known.get(nodeId);
    if (state === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      state = { listing: undefined, validAt: never, epoch: -1, failedAt: never, asking: undefined };
      known.set(nodeId, state);
    }
    return state;
  };

  const current = (node: CatalogNode): Promise<void> | undefined => {
    const state = stateOf(node);
    const now = performance.now();
    if (state.epoch === epoch && now - state.validAt < FRESH_MS) return undefined;
    if (state.asking?.epoch !== epoch) {
      const asked = epoch;
      const before = state.asking?.answered ?? Promise.resolve();
      state.asking = { answered: before.then(() => ask(node, state, asked)), epoch };
    }
    if (now - state.failedAt < REST_MS) return undefined;
    return within(state.asking.answered, state.listing === undefined ? FIRST_PATIENCE_MS : PATIENCE_MS);
  };

  const living = (): readonly CatalogNode[] => peers().filter(({ isAlive }) => isAlive);

  return {
    refresh: async () => {
      await Promise.all(living().map(current));
    },
    invalidate: () => {
      epoch++;
    },
    listings: () => {
      const ids = new Set(living().map(({ nodeId }) => nodeId));
      return [...known].flatMap(([nodeId, { listing }]) =>
        listing === undefined ? [] : [{ nodeId, isAlive: ids.has(nodeId), listing }],
      );
    },
    silent: () => living().flatMap(({ nodeId }) => (known.get(nodeId)?.listing === undefined ? [nodeId] : [])),
    close: () => stop.abort(),
  };
};

/** All parts of a listing; undefined when the version that is known is still the node's. */
export const readListing = async (
  ask: (request: ListingRequest) => Promise<ListingAnswer>,
  known: string | undefined,
): Promise<ShardListing | undefined> => {
  for (;;) {
    let part = await ask({ ...(known !== undefined && { known }), from: 0 });
    if (part.kind === "unchanged") return undefined;
    const { version, bad, manifests } = part;
    const entries: ShardEntry[] = [...part.entries];
    while (part.kind === "part" && part.version === version && part.next !== undefined) {
      part = await ask({ from: part.next });
      if (part.kind === "part") entries.push(...part.entries);
    }
    // It changed between two parts: once more.
    if (part.kind === "part" && part.version === version) return { version, entries, bad, manifests };
  }
};

const within = (work: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, patience]).finally(() => clearTimeout(timer));
};
