import { dataTypeOfField, type MemoryTable, type MemoryTableColumn } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { RecordBatch, Schema, Table } from "apache-arrow";
import type { StatementTables } from "./statements/statement-context.ts";

/** An Arrow table, or record batches of one schema (at least one). */
export type ArrowSource = Table | readonly RecordBatch[];

/** An in-memory table with a copy of the values. Throws QueryError "unsupported", "type-mismatch", "invalid-argument". */
export const registerArrow = (tables: StatementTables, name: string, source: ArrowSource): MemoryTable => {
  const table = tables.create(name, arrowColumns(name, schemaOf(name, source)));
  try {
    table.appendArrow(...batchesOf(source));
  } catch (cause) {
    tables.drop(table.tableId);
    throw cause;
  }
  return table;
};

/** The columns of a table made of such data. Throws QueryError "unsupported", "invalid-argument". */
export const arrowColumns = (name: string, { fields }: Schema): readonly MemoryTableColumn[] => {
  const columns = fields.map((field) => ({
    name: field.name,
    type: dataTypeOfField(field),
    nullable: field.nullable,
  }));
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  if (names.size < columns.length) {
    throw new QueryError("invalid-argument", `table ${name} has two columns of one name`);
  }
  return columns;
};

export const batchesOf = (source: ArrowSource): readonly RecordBatch[] =>
  "batches" in source ? source.batches : source;

/** Throws QueryError "invalid-argument" when there is nothing to tell it. */
export const schemaOf = (name: string, source: ArrowSource): Schema => {
  const schema = "schema" in source ? source.schema : source[0]?.schema;
  if (schema !== undefined) return schema;
  throw new QueryError("invalid-argument", `table ${name} needs at least one record batch, to know its columns`);
};
