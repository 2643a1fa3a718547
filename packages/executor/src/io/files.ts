import { existsSync } from "node:fs";
import { assert, QueryError } from "@headcut/plan";
import type { ByteSource, FileIdentity, PieceReader } from "./byte-source.ts";
import { expandGlob, isGlob } from "./glob.ts";
import { localFileIdentity, openLocalFile } from "./local-file.ts";
import { isObjectPath } from "./s3/location.ts";
import type { ObjectStore } from "./s3/object-store.ts";
import { type CheckWanted, whileWanted } from "./while-wanted.ts";

/** A file that was found; what is known of its content without asking again. */
export interface FoundFile {
  readonly path: string;
  readonly known?: FileIdentity;
}

export interface OpenOptions {
  /** Throws when nobody waits any more. */
  readonly checkWanted?: CheckWanted | undefined;
  /** Whether what is fetched from far away is kept on the local disk, if there is a cache; default true. */
  readonly fillCache?: boolean | undefined;
}

/** Where paths lead: local files, and objects of one store. Methods throw QueryError "io", and what `checkWanted` throws. */
export interface Files {
  /** Differs where the same path, of a file far away, may lead to other content. */
  readonly scope: string;
  /** Whether a path's file is read by requests that are better made several at a time. */
  isFar(path: string): boolean;
  /** The files of a path, a glob or (of objects) a folder; a plain local path is not looked at. */
  find(path: string, checkWanted?: CheckWanted): readonly FoundFile[] | Promise<readonly FoundFile[]>;
  look(path: string, checkWanted?: CheckWanted): FileIdentity | Promise<FileIdentity>;
  /** Of a file far away, the content has to be known. A local file must be the one of this identity, if there is one. */
  open(path: string, content?: Partial<FileIdentity>, options?: OpenOptions): OpenFile;
  /** Reads pieces of a file far away, of this content. */
  readFar(path: string, identity: string, options: OpenOptions): PieceReader;
  close(): Promise<void>;
}

export type OpenFile = ByteSource & FileIdentity;

/** `store`: absent, paths of objects are "unsupported". */
export const createFiles = (store?: ObjectStore): Files => {
  const scope = `${scopes++}:`;
  const objects = (path: string): ObjectStore => {
    if (store !== undefined) return store;
    throw new QueryError("unsupported", `${path}: no object store was configured here`);
  };
  /** Sizes by path and identity: whoever reads pieces knows the identity alone. */
  const sizes = new Map<string, number>();
  const remember = (path: string, { identity, sizeBytes }: FileIdentity): void => {
    sizes.set(sizeKey(path, identity), sizeBytes);
    if (sizes.size > MAX_SIZES) sizes.delete(sizes.keys().next().value!);
  };

  let closed = false;
  /** Runs a request, which ends when nobody wants it or all is closed. */
  const ask = <T>(
    checkWanted: CheckWanted | undefined,
    run: (signal: AbortSignal) => Promise<T>,
    ended?: AbortSignal,
  ): Promise<T> =>
    whileWanted(
      () => {
        if (closed) throw new QueryError("closed", "the engine is closed");
        checkWanted?.();
      },
      run,
      ended,
    );

  const look = async (path: string, signal: AbortSignal): Promise<FileIdentity> => {
    const found = await objects(path).look(path, signal);
    remember(path, found);
    return found;
  };

  const reader = (
    path: string,
    contentOf: (signal: AbortSignal) => FileIdentity | Promise<FileIdentity>,
    { checkWanted, fillCache = true }: OpenOptions,
  ): PieceReader => {
    const ended = new AbortController();
    const readPieces = (pieces: Parameters<ObjectStore["read"]>[1]): Promise<void> =>
      ask(
        checkWanted,
        async (signal) => {
          const content = await contentOf(signal);
          await objects(path).read(path, pieces, { ...content, signal, fillCache });
        },
        ended.signal,
      );
    return {
      isImmediate: false,
      readInto: (target, offset, length) => readPieces([{ offset, target: target.subarray(0, length) }]),
      readPieces,
      close: () => ended.abort(new QueryError("closed", `${path} is closed`)),
    };
  };

  return {
    scope,
    isFar: isObjectPath,

    find: (path, checkWanted) => {
      if (!isObjectPath(path)) {
        const paths = isGlob(path) && !existsSync(path) ? expandGlob(path) : [path];
        return paths.map((found) => ({ path: found }));
      }
      return ask(checkWanted, async (signal) => {
        const found = await objects(path).find(path, signal);
        return found.map(({ path: each, identity, sizeBytes }) => {
          remember(each, { identity, sizeBytes });
          return { path: each, known: { identity, sizeBytes } };
        });
      });
    },

    look: (path, checkWanted) =>
      isObjectPath(path) ? ask(checkWanted, (signal) => look(path, signal)) : localFileIdentity(path),

    open: (path, { identity, sizeBytes } = {}, options = {}) => {
      if (!isObjectPath(path)) return openLocalFile(path, identity);
      assert(identity !== undefined && sizeBytes !== undefined, "an object is opened before it was looked at");
      const content = { identity, sizeBytes };
      remember(path, content);
      return { path, size: sizeBytes, ...content, ...reader(path, () => content, options) };
    },

    readFar: (path, identity, options) => {
      const contentOf = async (signal: AbortSignal): Promise<FileIdentity> => {
        const sizeBytes = sizes.get(sizeKey(path, identity));
        const content = sizeBytes === undefined ? await look(path, signal) : { identity, sizeBytes };
        if (content.identity !== identity) throw changedFile(path);
        return content;
      };
      return reader(path, contentOf, options);
    },

    close: async () => {
      closed = true;
      await store?.close();
    },
  };
};

let scopes = 0;

const MAX_SIZES = 100_000;

const sizeKey = (path: string, identity: string): string => `${identity}\0${path}`;

const changedFile = (path: string): QueryError =>
  new QueryError("io", `${path} has changed since the query was planned`, { hint: "Run the query again." });

/** Of a caller that has no engine: no object store. */
export const localFiles = createFiles();
