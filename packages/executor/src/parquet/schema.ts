import type { DataType } from "@headcut/plan";
import type { FilePlace } from "./corrupt-file.ts";
import { corruptFile } from "./corrupt-file.ts";
import type { PhysicalType, SchemaElement } from "./format.ts";
import { leafType } from "./leaf-type.ts";

/** A leaf we can read: one column chunk per row group, one value or NULL per row. */
export interface FlatColumn {
  readonly kind: "flat";
  readonly name: string;
  /** Index of its chunk in every row group. */
  readonly leaf: number;
  readonly physical: PhysicalType;
  /** Bytes of one FIXED_LEN_BYTE_ARRAY value. */
  readonly typeLength: number;
  readonly optional: boolean;
  readonly type: DataType;
  /** What one stored unit is worth in `type`'s unit: 1000 where milliseconds become microseconds, else 1. */
  readonly timeFactor: 1 | 1000;
  /** Values are a FLOAT16 in two bytes. */
  readonly float16: boolean;
}

/** Listed, but reading it is refused with `reason`. */
export interface UnreadableColumn {
  readonly kind: "unreadable";
  readonly name: string;
  readonly reason: string;
}

export type ParquetColumn = FlatColumn | UnreadableColumn;

export interface ParquetSchema {
  /** The top level: what SQL sees. */
  readonly columns: readonly ParquetColumn[];
  /** By leaf: physical type, to check column chunks. */
  readonly leaves: readonly PhysicalType[];
}

const MAX_DEPTH = 100;

/** Turns the footer's depth-first list into columns. */
export const readSchema = (elements: readonly SchemaElement[], place: FilePlace): ParquetSchema => {
  const root = elements[0];
  if (root === undefined) throw corruptFile(place, "schema is empty");
  const leaves: PhysicalType[] = [];
  const columns: ParquetColumn[] = [];
  let next = 1;

  const take = (): SchemaElement => {
    const element = elements[next++];
    if (element === undefined) throw corruptFile(place, "schema ends too early");
    return element;
  };
  const collectLeaves = (element: SchemaElement, depth: number): void => {
    if (depth > MAX_DEPTH) throw corruptFile(place, "schema is nested too deeply");
    if (isGroup(element)) {
      for (let i = 0; i < childCount(element, place); i++) collectLeaves(take(), depth + 1);
    } else leaves.push(element.type!);
  };

  for (let i = 0; i < childCount(root, place); i++) {
    const element = take();
    const leaf = leaves.length;
    collectLeaves(element, 0);
    columns.push(topLevelColumn(element, leaf));
  }
  if (next !== elements.length) throw corruptFile(place, "schema has elements outside its tree");
  return { columns, leaves };
};

const isGroup = (element: SchemaElement): boolean => element.type === undefined;

const childCount = (element: SchemaElement, place: FilePlace): number => {
  const count = element.childCount ?? 0;
  if (count < 0) throw corruptFile(place, `schema element "${element.name}" has ${count} children`);
  return count;
};

const topLevelColumn = (element: SchemaElement, leaf: number): ParquetColumn => {
  const { name, type: physical } = element;
  if (physical === undefined || element.repetition === "REPEATED")
    return { kind: "unreadable", name, reason: "nested columns are not supported" };
  const type = leafType(element, physical);
  if (typeof type === "string") return { kind: "unreadable", name, reason: type };
  return {
    kind: "flat",
    name,
    leaf,
    physical,
    typeLength: element.typeLength,
    optional: element.repetition === "OPTIONAL",
    ...type,
  };
};
