/**
 * Messages both ways, in order. Iterating ends when the other side has ended its direction well, and throws a QueryError when
 * the stream broke, was cancelled, or the other side failed. Leaving the loop early cancels the stream. It may be
 * iterated once.
 */
export interface MessageStream extends AsyncIterable<Uint8Array> {
  /** Resolves when there is room for more; rejects with QueryError "io" once the stream is broken, or with its other error. */
  send(message: Uint8Array): Promise<void>;
  /** Nothing more from this side. */
  end(): void;
  /** Both ways, at once. `reason` is what this side's iteration throws; by default QueryError "cancelled". */
  cancel(reason?: Error): void;
}
