import { setMaxListeners } from "node:events";
import type { FileIdentity, Piece } from "../byte-source.ts";
import { type DiskCache, type DiskCacheStatistics, openDiskCache } from "../disk-cache/disk-cache.ts";
import { createLimit } from "../limit.ts";
import { type RetryPolicy, retryPolicy, withRetries } from "./attempts.ts";
import { fetchRange } from "./fetch-range.ts";
import { findKeys } from "./find-keys.ts";
import { type ObjectLocation, objectPath, parseObjectPath } from "./location.ts";
import type { ByteRange, ListedObject, ObjectClient } from "./object-client.ts";
import { objectError } from "./object-error.ts";
import { planRequests, rangeOf, scatter } from "./plan-requests.ts";
import { allSettled, type BlocksUnderWay, readBlocks } from "./read-blocks.ts";
import { RequestFailure } from "./request-failure.ts";
import type { ResolvedSettings } from "./settings.ts";
import { createTails } from "./tails.ts";

/** Objects found under a path. */
export interface FoundObject extends FileIdentity {
  readonly path: string;
}

export interface ReadOptions extends FileIdentity {
  readonly signal: AbortSignal;
  /** Whether what is fetched goes to the disk cache. */
  readonly fillCache: boolean;
}

export interface ObjectStoreStatistics {
  /** Sent to the store, and those of them that failed. */
  readonly requests: number;
  readonly failedRequests: number;
  readonly bytesFetched: number;
  readonly diskCache: DiskCacheStatistics | undefined;
}

/**
 * An S3-compatible store: one client, one pool of connections, one disk cache for all threads of the process. An object's identity
 * is its ETag. Methods throw QueryError "io", or the signal's reason.
 */
export interface ObjectStore {
  /** The object as it is now. */
  look(path: string, signal: AbortSignal): Promise<FileIdentity>;
  /** The objects of a path, a pattern or a folder, in the order of their keys. */
  find(path: string, signal: AbortSignal): Promise<readonly FoundObject[]>;
  /**
   * Fills the pieces' targets with bytes of the object's content by that identity: never another's. When it has ended, in whatever way,
   * nothing writes to the targets any more.
   */
  read(path: string, pieces: readonly Piece[], options: ReadOptions): Promise<void>;
  statistics(): ObjectStoreStatistics;
  close(): Promise<void>;
}

export interface ObjectStoreOptions {
  /** Asked when the first path is used. */
  readonly settings: () => ResolvedSettings;
  readonly cache: { readonly directory: string; readonly maxBytes: number } | undefined;
  /** Opens the client when the first path is used. */
  readonly openClient: (settings: ResolvedSettings, maxSockets: number) => Promise<ObjectClient>;
}

/** What the first path used opens. */
interface Parts {
  readonly client: ObjectClient;
  readonly disk: DiskCache | undefined;
  readonly policy: RetryPolicy;
  readonly endpoint: string;
}

/** Enough to keep a fast network busy with requests of 8 MiB, and footers of many files under way. */
const MAX_REQUESTS = 32;

export const createObjectStore = ({ settings, cache, openClient }: ObjectStoreOptions): ObjectStore => {
  const limit = createLimit(MAX_REQUESTS);
  const tails = createTails();
  const underWay: BlocksUnderWay = new Map();
  const counters = { requests: 0, failedRequests: 0, bytesFetched: 0 };
  let opening: Promise<Parts> | undefined;
  let diskCache: DiskCache | undefined;

  const open = async (): Promise<Parts> => {
    const resolved = settings();
    diskCache = cache === undefined ? undefined : await openDiskCache(cache.directory, cache.maxBytes);
    const client = counting(await openClient(resolved, MAX_REQUESTS), counters);
    return { client, disk: diskCache, policy: retryPolicy(resolved), endpoint: resolved.endpoint ?? "" };
  };
  const opened = (): Promise<Parts> => {
    opening ??= open();
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  };
  /** One small request, with its retries. Throws RequestFailure. */
  const ask = async <T>(
    signal: AbortSignal,
    run: (client: ObjectClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { client, policy } = await opened();
    return limit(signal, () => withRetries(policy, signal, (attemptSignal) => run(client, attemptSignal)));
  };

  const listed = ({ key, etag, sizeBytes }: ListedObject, bucket: string): FoundObject => ({
    path: objectPath({ bucket, key }),
    identity: etag,
    sizeBytes,
  });

  return {
    look: async (path, signal) => {
      try {
        const { etag, sizeBytes } = await ask(signal, (client, s) => client.head(parseObjectPath(path), s));
        return { identity: etag, sizeBytes };
      } catch (error) {
        throw objectError(error, path);
      }
    },

    find: async (path, signal) => {
      const location = parseObjectPath(path);
      try {
        const found = await findKeys(location, {
          head: (at) => ask(signal, (client, s) => client.head(at, s)).catch(unlessMissing),
          list: (prefix, flat, token) =>
            ask(signal, (client, s) => client.list(location.bucket, prefix, flat, token, s)),
        });
        return found.map((object) => listed(object, location.bucket));
      } catch (error) {
        throw objectError(error, path);
      }
    },

    read: async (path, pieces, { identity, sizeBytes, signal, fillCache }) => {
      // Each of its requests listens.
      setMaxListeners(0, signal);
      const location = parseObjectPath(path);
      const { client, disk, policy, endpoint } = await opened();
      const object = objectId(endpoint, location, identity);

      const fetch = (range: ByteRange, take: (bytes: Uint8Array, start: number) => void): Promise<void> =>
        limit(signal, async () => {
          try {
            await fetchRange(client, location, identity, range, policy, signal, take);
          } catch (error) {
            throw objectError(error, path, range);
          }
        });
      const readThrough = async (wanted: readonly Piece[]): Promise<void> => {
        if (disk !== undefined && fillCache) {
          await readBlocks({ object, sizeBytes, cache: disk, signal, fetch }, wanted, underWay);
          return;
        }
        const take = (bytes: Uint8Array, start: number): void => scatter(bytes, start, wanted);
        await allSettled(planRequests(wanted.map(rangeOf)).map((range) => fetch(range, take)));
      };

      const far: Piece[] = [];
      for (const piece of pieces) {
        const range = rangeOf(piece);
        const tail = tails.find(object, range);
        if (tail === undefined) far.push(piece);
        else scatter(tail.bytes, tail.start, [piece]);
      }
      if (far.length === 0) return;
      if (far.length > 1 || !tails.covers(sizeBytes, rangeOf(far[0]!))) return readThrough(far);
      const tail = await tails.get(object, sizeBytes, ({ start }, target) => readThrough([{ offset: start, target }]));
      scatter(tail.bytes, tail.start, far);
    },

    statistics: () => ({ ...counters, diskCache: diskCache?.statistics() }),

    close: async () => {
      const parts = await opening?.catch(() => undefined);
      opening = undefined;
      parts?.client.close();
      await parts?.disk?.close();
    },
  };
};

const unlessMissing = (error: unknown): undefined => {
  if (error instanceof RequestFailure && error.kind === "missing") return undefined;
  throw error;
};

/** What tells an object's content apart from every other store's and object's. */
const objectId = (endpoint: string, { bucket, key }: ObjectLocation, etag: string): string =>
  JSON.stringify([endpoint, bucket, key, etag]);

const counting = (
  client: ObjectClient,
  counters: { requests: number; failedRequests: number; bytesFetched: number },
): ObjectClient => {
  const counted = async <T>(request: Promise<T>): Promise<T> => {
    counters.requests++;
    try {
      return await request;
    } catch (error) {
      counters.failedRequests++;
      throw error;
    }
  };
  return {
    ...client,
    head: (location, signal) => counted(client.head(location, signal)),
    list: (bucket, prefix, flat, token, signal) => counted(client.list(bucket, prefix, flat, token, signal)),
    get: async (location, etag, range, signal) => {
      const answer = await counted(client.get(location, etag, range, signal));
      return { ...answer, bytes: countingBytes(answer.bytes, counters) };
    },
  };
};

async function* countingBytes(
  bytes: AsyncIterable<Uint8Array>,
  counters: { bytesFetched: number },
): AsyncGenerator<Uint8Array> {
  for await (const more of bytes) {
    counters.bytesFetched += more.length;
    yield more;
  }
}
