import type { ObjectClient } from "../../src/io/s3/object-client.ts";
import { createObjectStore, type ObjectStore } from "../../src/io/s3/object-store.ts";
import { RequestFailure } from "../../src/io/s3/request-failure.ts";
import { resolveSettings } from "../../src/io/s3/settings.ts";

/** An object store whose objects are in memory, by `bucket/key`. */
export interface MemoryStore {
  readonly store: ObjectStore;
  readonly objects: Map<string, { etag: string; bytes: Uint8Array }>;
  /** `get key start-end`, `head key`, `list prefix` */
  readonly asked: string[];
  /** Awaited before each answer. */
  before: () => Promise<void> | void;
}

export const createMemoryStore = (cache?: { readonly directory: string; readonly maxBytes: number }): MemoryStore => {
  const objects: MemoryStore["objects"] = new Map();
  const asked: string[] = [];
  const find = (bucket: string, key: string) => {
    const object = objects.get(`${bucket}/${key}`);
    if (object === undefined) throw new RequestFailure("missing", "NoSuchKey");
    return object;
  };
  const wait = async (signal: AbortSignal): Promise<void> => {
    await Promise.race([
      memory.before(),
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
    ]);
  };
  const client: ObjectClient = {
    head: async ({ bucket, key }, signal) => {
      asked.push(`head ${key}`);
      await wait(signal);
      const { etag, bytes } = find(bucket, key);
      return { etag, sizeBytes: bytes.length };
    },
    get: async ({ bucket, key }, etag, range, signal) => {
      asked.push(`get ${key} ${range.start}-${range.end}`);
      await wait(signal);
      const object = find(bucket, key);
      if (object.etag !== etag) throw new RequestFailure("changed", "PreconditionFailed");
      const { start, end } = range;
      return {
        etag,
        range,
        bytes: (async function* () {
          for (let at = start; at < end; at += 65536) yield object.bytes.subarray(at, Math.min(end, at + 65536));
        })(),
      };
    },
    list: async (bucket, prefix, _flat, _token, signal) => {
      asked.push(`list ${prefix}`);
      await wait(signal);
      const found = [...objects].flatMap(([name, { etag, bytes }]) =>
        name.startsWith(`${bucket}/${prefix}`)
          ? [{ key: name.slice(bucket.length + 1), etag, sizeBytes: bytes.length }]
          : [],
      );
      return { objects: found, next: undefined };
    },
    close: () => undefined,
  };
  const settings = { retries: 0, timeoutMs: 5000 };
  const store = createObjectStore({
    settings: () => resolveSettings(settings, {}),
    cache,
    openClient: async () => client,
  });
  const memory: MemoryStore = { store, objects, asked, before: () => undefined };
  return memory;
};

export const randomBytes = (length: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
};
