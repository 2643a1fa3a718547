/** A piece of a file, and where it is wanted. */
export interface Piece {
  readonly offset: number;
  /** Its length is the piece's; may be a view of shared memory. */
  readonly target: Uint8Array;
}

/** Reads pieces of one file, whose content does not change: it has an identity. */
export interface PieceReader {
  /** `readInto` is done when it returns: such a source may be asked in the middle of a row group. */
  readonly isImmediate: boolean;
  /**
   * Reads `length` bytes from `offset` of the file into `target`, which may be a view of shared memory. A source that reads at
   * once returns nothing; the others return a promise. Throws QueryError "io".
   */
  readInto(target: Uint8Array, offset: number, length: number): void | Promise<void>;
  /**
   * Several pieces at once, which a source far away joins to few requests. When the promise has settled, nothing is written to
   * the targets any more. Absent: `readInto` is as good.
   */
  readPieces?(pieces: readonly Piece[]): Promise<void>;
  /** Stops what is being read: its promises reject soon. */
  close(): void;
}

/** Where a file's bytes come from: a local file, or an object of a store. */
export interface ByteSource extends PieceReader {
  readonly path: string;
  /** Bytes in the file. */
  readonly size: number;
}

/** What a file's content is known by. Files of the same path and identity have the same bytes. */
export interface FileIdentity {
  readonly sizeBytes: number;
  readonly identity: string;
}
