import type { SplitKey, SplitRuns } from "./fragment.ts";

/** Tasks of several fragments' splits together; `copies`: scans that are copied to all of them beside those that were. */
export const splitRuns = (
  parts: readonly SplitRuns[],
  by: readonly SplitKey[] | undefined,
  copies: readonly number[] = [],
): SplitRuns => {
  const all = [...parts.flatMap((part) => part.copies ?? []), ...copies];
  return {
    kind: "splits",
    scans: parts.flatMap(({ scans }) => scans),
    ...(by !== undefined && { by }),
    ...(all.length > 0 && { copies: all }),
  };
};
