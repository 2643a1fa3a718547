/** What the handler of a call knows of its caller. */
export interface CallContext {
  /** Aborted when the caller cancels, its connection breaks, the deadline passes or the server closes. */
  readonly signal: AbortSignal;
  /** Host and port the caller calls from. */
  readonly peer: string;
  /** The first value of a request header, by its name in small letters. */
  header(name: string): string | undefined;
  /** A header of the response; before its first message. Flight's sessions are kept in cookies. */
  setHeader(name: string, value: string): void;
}
