/**
 * Messages both ways, in order. Iterating ends when the other side has ended well, and throws when the stream broke ("io"; on the
 * called side "cancelled"), was cancelled, or the other side failed. Leaving the loop neither ends nor cancels the stream: another
 * loop goes on where it was left. Messages have at least one byte.
 */
export interface MessageStream extends AsyncIterable<Uint8Array> {
  /** Resolves when there is room for more; rejects with what iterating throws, or "io" after the other side has ended. */
  send(message: Uint8Array): Promise<void>;
  /** Nothing more from this side. When the called side says so, the stream has ended. */
  end(): void;
  /** Both ways, at once. `reason` is what this side's iteration throws; by default QueryError "cancelled". */
  cancel(reason?: Error): void;
}
