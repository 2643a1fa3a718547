/** Where a file's bytes come from: a local file, later an object store. */
export interface ByteSource {
  readonly path: string;
  /** Bytes in the file. */
  readonly size: number;
  /** `readInto` is done when it returns: such a source may be asked in the middle of a row group. */
  readonly isImmediate: boolean;
  /**
   * Reads `length` bytes from `offset` of the file into `target`, which may be a view of shared memory. A source that reads at
   * once returns nothing; the others return a promise. Throws QueryError "io".
   */
  readInto(target: Uint8Array, offset: number, length: number): void | Promise<void>;
  close(): void;
}
