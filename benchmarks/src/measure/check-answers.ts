import type { Answer } from "@headcut/tpch";
import type { BenchmarkEngine, EngineAnswer } from "../engines/engine.ts";
import type { BenchmarkQuery } from "../sets/query-set.ts";

/**
 * Checks that all engines give the stored answer, or else the one DuckDB gives. False when there is nothing to compare
 * with. Throws Error that names the engine and the difference.
 */
export const checkAnswers = async (query: BenchmarkQuery, engines: readonly BenchmarkEngine[]): Promise<boolean> => {
  const answers: { readonly name: string; readonly answer: EngineAnswer }[] = [];
  for (const engine of engines) answers.push({ name: engine.name, answer: await engine.answer(query.sql) });
  const reference = answers.find(({ name }) => name !== "headcut")?.answer;
  const expected = query.stored ?? (reference && asAnswer(reference));
  if (expected === undefined) return false;
  for (const { name, answer } of answers) {
    const difference = query.compare(expected, answer.rows);
    if (difference !== undefined) throw new Error(`the answer of ${name} is wrong. ${difference}`);
  }
  return true;
};

const asAnswer = ({ columns, rows }: EngineAnswer): Answer => ({
  columns,
  rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
});
