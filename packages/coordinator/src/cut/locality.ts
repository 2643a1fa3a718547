import type { SplitKey } from "./fragment.ts";

/** What is known of where the splits of scans (operator ids) are. */
export interface Locality {
  /** Compressed bytes of a scan all of whose splits every node has; undefined when some node lacks some. */
  everywhereBytes(scan: number): number | undefined;
  /**
   * Whether splits can be given out so that rows with equal values of these columns, one of each scan, meet in one task, and
   * no node gets much more than its share.
   */
  meets(keys: readonly SplitKey[]): boolean;
}

export const NO_LOCALITY: Locality = { everywhereBytes: () => undefined, meets: () => false };
