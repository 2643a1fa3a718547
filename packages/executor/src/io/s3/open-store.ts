import { QueryError } from "@headcut/plan";
import { createObjectStore, type ObjectStore } from "./object-store.ts";
import { resolveSettings, type S3Settings } from "./settings.ts";

export interface StoreOptions {
  /** How to reach an S3-compatible store; what is absent comes from the environment. */
  readonly s3?: S3Settings;
  /** Where blocks of objects are kept on the local disk; by default nowhere. Processes may share it. */
  readonly cacheDirectory?: string;
  /** Bytes that they may take; by default 8 GiB. */
  readonly cacheBytes?: number;
}

const DEFAULT_CACHE_BYTES = 8 * 2 ** 30;

/** The store of an engine. It costs nothing until a path of an object is used. Throws QueryError "invalid-argument". */
export const openStore = ({ s3, cacheDirectory, cacheBytes = DEFAULT_CACHE_BYTES }: StoreOptions): ObjectStore => {
  if (!(cacheBytes >= 0)) {
    throw new QueryError("invalid-argument", `cacheBytes must be a number from 0 on, not ${cacheBytes}`);
  }
  const given = s3 === undefined ? undefined : resolveSettings(s3, process.env);
  return createObjectStore({
    // A bad environment is nobody's business who uses local files.
    settings: () => given ?? resolveSettings({}, process.env),
    cache:
      cacheDirectory === undefined || cacheBytes === 0
        ? undefined
        : { directory: cacheDirectory, maxBytes: cacheBytes },
    openClient: async (settings, maxSockets) => {
      const { openAwsClient } = await import("./aws-client.ts");
      return openAwsClient(settings, maxSockets);
    },
  });
};
