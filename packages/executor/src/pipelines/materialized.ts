import type { Column, ColumnId } from "@headcut/plan";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";
import type { KeptStrings } from "./kept-strings.ts";
import { type ColumnSource, Row } from "./row.ts";
import { type Field, loadField, type RowLayout, storeField } from "./row-layout.ts";

/** Rows kept in memory: their list in the states block and where each column lies in a row. */
export interface Materialized {
  readonly listOffset: number;
  readonly stride: number;
  readonly fields: ReadonlyMap<ColumnId, Field>;
}

/** The fields of a layout by their columns' ids, in the same order. */
export const fieldsByColumn = (columns: readonly Column[], layout: RowLayout): Map<ColumnId, Field> =>
  new Map(columns.map(({ id }, position) => [id, layout.fields[position]!]));

/** Columns of the materialized row at `address`. `lasting`: its strings live as long as the query. */
export const fieldSources = (
  code: Code,
  fields: ReadonlyMap<ColumnId, Field>,
  address: Local,
  lasting = true,
): Map<ColumnId, ColumnSource> =>
  new Map([...fields].map(([id, field]) => [id, { load: () => loadField(code, field, address), stable: lasting }]));

export const materializedRow = (
  code: Code,
  fields: ReadonlyMap<ColumnId, Field>,
  address: Local,
  lasting = true,
): Row => new Row(fieldSources(code, fields, address, lasting));

/** Writes the columns of the current row to their fields; `copies`: with those bytes of strings that do not last, unless they are `kept`. */
export const storeColumns = (
  code: Code,
  operatorId: number,
  fields: ReadonlyMap<ColumnId, Field>,
  address: Local,
  row: Row,
  copies = true,
  kept: KeptStrings = new Map(),
): void => {
  for (const [id, field] of fields) {
    const keep = copies ? kept.get(id) : undefined;
    const value = row.get(id);
    if (keep !== undefined) storeField(code, operatorId, field, address, keep(value), true);
    else storeField(code, operatorId, field, address, value, !copies || row.isStable(id));
  }
};
