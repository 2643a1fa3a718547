import type { ObjectLocation } from "./location.ts";

/** One content of an object. */
export interface ObjectVersion {
  /** Without the quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
}

export interface ListedObject extends ObjectVersion {
  readonly key: string;
}

/** Part of a listing, in the order of keys. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** Asks for the rest. */
  readonly next: string | undefined;
}

/** Bytes [start, end) of an object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a store answered, before its bytes are there. */
export interface ObjectBody {
  readonly etag: string;
  /** As the store understood it. */
  readonly range: ByteRange;
  /** Ends early or throws when the connection breaks. Leaving the loop ends the request. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A store's few requests that we need, each made once. They throw RequestFailure, and at an abort anything. */
export interface ObjectClient {
  head(location: ObjectLocation, signal: AbortSignal): Promise<ObjectVersion>;
  /** Refused ("changed") unless the object still has this ETag. */
  get(location: ObjectLocation, etag: string, range: ByteRange, signal: AbortSignal): Promise<ObjectBody>;
  /** Keys that begin with the prefix; with `flat` only those without a slash behind it. */
  list(
    bucket: string,
    prefix: string,
    flat: boolean,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<ListPage>;
  close(): void;
}
