import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchmarkResult } from "./result.ts";

/** `benchmarks/results`, whether this runs from the sources or from `dist`. */
const resultsFolder = fileURLToPath(new URL("../../results", import.meta.url));

/** A bare name is a file of `benchmarks/results`; anything with a slash or an ending is a path. */
export const resultPath = (nameOrPath: string): string =>
  /^[\w-][\w.-]*$/.test(nameOrPath) && !nameOrPath.endsWith(".json")
    ? join(resultsFolder, `${nameOrPath}.json`)
    : resolve(nameOrPath);

export const writeResult = async (path: string, result: BenchmarkResult): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, formatResult(result));
};

/** JSON with a line for each query, so that a review can read the difference of two files. */
export const formatResult = ({ queries, ...rest }: BenchmarkResult): string => {
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  const lines = queries.map((query) => `    ${JSON.stringify(query, roundMs)}`);
  return `${head},\n  "queries": [\n${lines.join(",\n")}\n  ]\n}\n`;
};

/** Microseconds suffice. */
const roundMs = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Math.round(value * 1000) / 1000 : value;

/** Throws Error when it is no result of ours. */
export const parseResult = (text: string, path: string): BenchmarkResult => {
  const result = JSON.parse(text) as Partial<BenchmarkResult>;
  if (result.format !== 1 || !Array.isArray(result.queries) || result.options === undefined) {
    throw new Error(`${path} is not a result of this runner.`);
  }
  return result as BenchmarkResult;
};

/** Reads a result by path, by name in `benchmarks/results`, or by the beginning of its commit. */
export const readResult = async (text: string): Promise<BenchmarkResult> => {
  const path = resultPath(text);
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content !== undefined) return parseResult(content, path);
  const ofCommit: BenchmarkResult[] = [];
  if (/^[0-9a-f]{7,40}$/.test(text)) {
    for (const name of (await readdir(resultsFolder).catch(() => [])).filter((entry) => entry.endsWith(".json"))) {
      const result = parseResult(await readFile(join(resultsFolder, name), "utf8"), name);
      if (result.commit.startsWith(text.slice(0, 12))) ofCommit.push(result);
    }
  }
  if (ofCommit.length === 1) return ofCommit[0]!;
  const count = ofCommit.length === 0 ? "no result" : `${ofCommit.length} results`;
  throw new Error(`${count} found for ${text}: expected a path, a name in benchmarks/results or one result's commit.`);
};
