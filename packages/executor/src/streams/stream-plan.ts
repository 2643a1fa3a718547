/** How threads read a stream: the batches of its mailbox, as they come. */
export interface StreamScanPlan {
  readonly kind: "stream";
  readonly mailbox: number;
  readonly feedId: number;
  readonly columnCount: number;
}

/** What a thread gets of a source at a time. */
export type Claim =
  | number
  /** The source has no more. */
  | "ended"
  /** What would be next is not there yet. */
  | "starved";
