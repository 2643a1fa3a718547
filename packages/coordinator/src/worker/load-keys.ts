import type { Engine } from "@headcut/executor";
import type { ScanSource } from "../cut/bind-fragment.ts";
import type { Fragment } from "../cut/fragment.ts";
import { type KeySet, keySetRows } from "../exchange/key-set.ts";
import { wireColumns } from "../exchange/wire-columns.ts";
import type { QueryAccount } from "./query-account.ts";
import { scansOf } from "./scans-of.ts";

/** Keys that a task looks up, as tables in the engine's memory. */
export interface LoadedKeys {
  /** By operator id of the scans that read them. */
  readonly sources: ReadonlyMap<number, ScanSource>;
  /** Scans whose keys were too many to be told: nothing is to be looked up in them. */
  readonly missing: ReadonlySet<number>;
  readonly tableBytes: number;
  drop(): void;
}

/** Throws QueryError "out-of-memory"; nothing is left then. */
export const loadKeys = (
  { tables }: Pick<Engine, "tables">,
  { plan, keyInputs = [] }: Fragment,
  keySets: readonly (KeySet | undefined)[],
  account: QueryAccount,
): LoadedKeys => {
  const sources = new Map<number, ScanSource>();
  const missing = new Set<number>();
  const made: number[] = [];
  let charged = 0;
  const drop = (): void => {
    for (const tableId of made.splice(0)) tables.drop(tableId);
    account.release(charged);
    charged = 0;
  };
  if (keyInputs.length === 0) return { sources, missing, tableBytes: 0, drop };
  const scans = scansOf(plan);
  try {
    keyInputs.forEach(({ operatorId }, i) => {
      const set = keySets[i];
      if (set === undefined) {
        missing.add(operatorId);
        return;
      }
      const { table } = scans.get(operatorId)!;
      const into = tables.receive(table.name, wireColumns(table.columns));
      made.push(into.tableId);
      into.append(keySetRows(set, table.columns[0]!.type));
      const bytes = into.byteSize();
      account.charge(bytes, table.name);
      charged += bytes;
      sources.set(operatorId, { source: { kind: "memory", tableId: into.tableId }, rowCount: into.rowCount() });
    });
  } catch (error) {
    drop();
    throw error;
  }
  return { sources, missing, tableBytes: charged, drop };
};
