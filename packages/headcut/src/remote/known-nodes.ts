/** The nodes a client may ask, and how they did. */
export interface KnownNodes {
  /** All, in the order in which they are to be asked: the one that answered last, then the others; at the end those that failed lately, the last one last. */
  inOrder(): readonly string[];
  answered(address: string): void;
  failed(address: string): void;
  /** What a node says of its cluster. Those that nobody names any more are forgotten, but for those the user has named. */
  learn(addresses: readonly string[]): void;
}

/** So long a node that failed is asked last. */
const REST_MS = 10_000;

export const knownNodes = (given: readonly string[], now: () => number = () => performance.now()): KnownNodes => {
  let learnt: readonly string[] = [];
  let preferred = given[0]!;
  const failedAt = new Map<string, number>();
  const rests = (address: string): boolean => now() - (failedAt.get(address) ?? Number.NEGATIVE_INFINITY) < REST_MS;
  return {
    inOrder: () => {
      const all = [...new Set([preferred, ...given, ...learnt])];
      const longest = (a: string, b: string): number => failedAt.get(a)! - failedAt.get(b)!;
      return [...all.filter((address) => !rests(address)), ...all.filter(rests).sort(longest)];
    },
    answered: (address) => {
      preferred = address;
      failedAt.delete(address);
    },
    failed: (address) => {
      failedAt.set(address, now());
    },
    learn: (addresses) => {
      learnt = addresses;
    },
  };
};
