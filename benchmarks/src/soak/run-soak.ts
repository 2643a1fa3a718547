import type { Connection } from "headcut";
import type { BenchmarkQuery } from "../sets/query-set.ts";
import { growing, type Look, leaks } from "./soak-bounds.ts";
import { type SoakedNode, type SoakFigures, soakFigures } from "./soak-figures.ts";
import { soakQuery } from "./soak-queries.ts";

export interface SoakOptions {
  /** Used in turns, so that every node coordinates. */
  readonly connections: readonly Connection[];
  readonly nodes: readonly SoakedNode[];
  readonly tpch: readonly Pick<BenchmarkQuery, "name" | "sql" | "stored" | "compare">[];
  /** One after the other. */
  readonly queries: number;
  /** So many of them have run when figures are taken. */
  readonly looks: readonly number[];
  /** Which of these the later ones are compared with: by then code is compiled, and the heaps have their sizes. */
  readonly settled: number;
  /** At once, in rounds. */
  readonly concurrent: number;
  readonly rounds: number;
  readonly random: () => number;
  readonly onLook: (title: string, figures: readonly SoakFigures[]) => void;
}

/** Runs queries of all kinds, one by one and then many at once. Returns what the nodes have kept of them; throws for a wrong answer. */
export const runSoak = async (options: SoakOptions): Promise<readonly string[]> => {
  const { connections, nodes, tpch, looks, settled, concurrent, rounds, random, onLook } = options;
  const kept: string[] = [];
  const series = nodes.map((): Look[] => []);
  let asked = 0;
  const look = async (title: string, before: readonly SoakFigures[] | undefined): Promise<readonly SoakFigures[]> => {
    const now = await Promise.all(nodes.map(soakFigures));
    onLook(title, now);
    now.forEach((figures, i) => {
      if (asked >= settled) series[i]!.push({ queries: asked, figures });
      if (before === undefined) return;
      for (const leak of leaks(before[i]!, figures)) kept.push(`node ${i + 1}, ${title}: ${leak}`);
    });
    return now;
  };

  const ask = (number: number): Promise<void> => {
    asked++;
    return soakQuery(number, tpch).run(connections[number % connections.length]!, random);
  };

  let first: readonly SoakFigures[] | undefined;
  for (let number = 1; number <= options.queries; number++) {
    await ask(number);
    if (!looks.includes(number)) continue;
    const figures = await look(`${number} queries`, first);
    if (number >= settled) first ??= figures;
  }
  // Many at once need more memory and threads than one after the other ever do: the first round is the measure of the rest.
  first = undefined;
  for (let round = 1; round <= rounds; round++) {
    const numbers = Array.from({ length: concurrent }, (_, i) => i);
    await Promise.all(numbers.map(ask));
    const figures = await look(`${concurrent} at once, round ${round}`, first);
    first ??= figures;
  }
  for (const [i, looked] of series.entries()) {
    for (const growth of growing(looked)) kept.push(`node ${i + 1}: ${growth}`);
  }
  return kept;
};
