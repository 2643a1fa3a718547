/** Chance from a seed. */
export interface Random {
  /** From 0 to 1. */
  next(): number;
  /** A whole number from 0 to limit - 1. */
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
}
export declare const random: (seed: number) => Random;
