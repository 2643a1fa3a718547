import type { Table } from "@headcut/plan";
import type { OwnTables } from "./bounded-tables.ts";

/** A client's in-memory tables on one node. Names compare without regard to case. */
export interface Session {
  readonly id: string;
  readonly tables: OwnTables;
  /** By name in lower case. */
  readonly names: Map<string, { readonly name: string; readonly tableId: number }>;
  /** Greater with every change of names. */
  version: number;
}

/** Gives the table the name; the table that had it, if any, to be dropped. */
export const nameTable = (session: Session, name: string, tableId: number): number | undefined => {
  const replaced = session.names.get(name.toLowerCase())?.tableId;
  session.names.set(name.toLowerCase(), { name, tableId });
  session.version++;
  return replaced;
};

/** Forgets a name; the table that had it, if any, to be dropped. */
export const forgetName = (session: Session, name: string): number | undefined => {
  const tableId = session.names.get(name.toLowerCase())?.tableId;
  if (session.names.delete(name.toLowerCase())) session.version++;
  return tableId;
};

export const sessionTable = ({ names, tables }: Session, name: string): Table | undefined => {
  const entry = names.get(name.toLowerCase());
  return entry === undefined ? undefined : tables.get(entry.tableId, entry.name).describe();
};

/** Sorted. */
export const sessionNames = ({ names }: Session): string[] => [...names.values()].map(({ name }) => name).sort();
