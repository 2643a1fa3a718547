/** How batches travel from one process to another. */
export interface ExchangeCase {
  /** The exchange with its encoding, checksums and decoding, or grpc-js alone with messages that are ready. */
  readonly sender: "headcut" | "grpc-js";
  readonly tls: boolean;
  readonly lz4: boolean;
}

export const exchangeCases: readonly ExchangeCase[] = [false, true].flatMap((tls) => [
  { sender: "grpc-js", tls, lz4: false },
  { sender: "headcut", tls, lz4: false },
  { sender: "headcut", tls, lz4: true },
]);

export const describeCase = ({ sender, tls, lz4 }: ExchangeCase): string =>
  [sender, tls ? "TLS" : "plain", ...(lz4 ? ["LZ4"] : [])].join(", ");

/** Of raw grpc-js streams. */
export const RAW_METHOD = "/benchmark.Raw/Stream";

export interface ExchangeResult extends ExchangeCase {
  /** Of rows as Arrow holds them, in megabytes (10^6) per second. */
  readonly mbPerSecond: number;
  /** The same per second of processor time of both processes together. */
  readonly mbPerCoreSecond: number;
  /** What has gone over the wire for each byte of rows. */
  readonly wireRatio: number;
}
