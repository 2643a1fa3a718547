import type { Constant, Expression } from "@headcut/plan";
import { bloomHash, mayContain, readBloomFilter } from "./bloom-filter.ts";
import { constantBound } from "./predicate-test.ts";
import type { RowGroupCandidate } from "./row-group-candidate.ts";

/** Longer IN lists would cost more reads than they are likely to save. */
const MAX_LIST = 16;

/** Whether a Bloom filter proves that an equality or IN among the predicates is TRUE for no row. */
export const excludedByBloomFilter = async (
  candidate: RowGroupCandidate,
  predicates: readonly Expression[],
): Promise<boolean> => {
  for (const predicate of predicates) if (await isExcluded(candidate, predicate)) return true;
  return false;
};

const isExcluded = async (candidate: RowGroupCandidate, predicate: Expression): Promise<boolean> => {
  const equality = equalityOf(predicate);
  if (equality === undefined) return false;
  const index = candidate.scanColumns.findIndex((column) => column.id === equality.column);
  const column = candidate.columns[index];
  if (column?.kind !== "flat") return false;
  const chunk = candidate.info.rowGroups[candidate.rowGroup]!.chunks[column.leaf];
  if (chunk?.bloomFilterOffset === undefined) return false;
  const hashes: bigint[] = [];
  for (const { type, value } of equality.values) {
    if (value === null) continue;
    const bound = constantBound(type, value);
    const hash = bound === undefined ? undefined : bloomHash(bound, column);
    if (hash === undefined) return false;
    hashes.push(hash);
  }
  const source = candidate.source();
  const filter = await readBloomFilter(source, chunk);
  if (filter === undefined) return false;
  for (const hash of hashes) if (await mayContain(source, filter, hash)) return false;
  return true;
};

interface Equality {
  readonly column: number;
  readonly values: readonly Constant[];
}

const equalityOf = (predicate: Expression): Equality | undefined => {
  if (predicate.kind === "compare" && (predicate.op === "eq" || predicate.op === "notDistinct")) {
    const { left, right, op } = predicate;
    const [column, value] = left.kind === "constant" ? [right, left] : [left, right];
    if (column.kind !== "column" || value.kind !== "constant") return undefined;
    if (op === "notDistinct" && value.value === null) return undefined;
    return { column: column.id, values: [value] };
  }
  if (predicate.kind !== "inList" || predicate.arg.kind !== "column" || predicate.list.length > MAX_LIST)
    return undefined;
  const values = predicate.list.filter((item) => item.kind === "constant");
  return values.length === predicate.list.length ? { column: predicate.arg.id, values } : undefined;
};
