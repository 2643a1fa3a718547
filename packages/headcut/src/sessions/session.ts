import type { Table } from "@headcut/plan";
import type { OwnTables } from "./bounded-tables.ts";

/** A client's in-memory tables on one node. Names compare without regard to case. */
export interface Session {
  readonly id: string;
  readonly tables: OwnTables;
  /** By name in lower case. */
  readonly names: Map<string, { readonly name: string; readonly tableId: number }>;
}

export const sessionTable = ({ names, tables }: Session, name: string): Table | undefined => {
  const entry = names.get(name.toLowerCase());
  return entry === undefined ? undefined : tables.get(entry.tableId, entry.name).describe();
};

/** Sorted. */
export const sessionNames = ({ names }: Session): string[] => [...names.values()].map(({ name }) => name).sort();
