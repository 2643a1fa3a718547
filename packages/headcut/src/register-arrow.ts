import { dataTypeOfField, type MemoryTable, type TableStore } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { RecordBatch, Schema, Table } from "apache-arrow";

/** An Arrow table, or record batches of one schema (at least one). */
export type ArrowSource = Table | readonly RecordBatch[];

/** An in-memory table with a copy of the values. Throws QueryError "unsupported", "type-mismatch", "invalid-argument". */
export const registerArrow = (tables: TableStore, name: string, source: ArrowSource): MemoryTable => {
  const batches: readonly RecordBatch[] = "batches" in source ? source.batches : source;
  const columns = schemaOf(name, source).fields.map((field) => ({
    name: field.name,
    type: dataTypeOfField(field),
    nullable: field.nullable,
  }));
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  if (names.size < columns.length) {
    throw new QueryError("invalid-argument", `table ${name} has two columns of one name`);
  }
  const table = tables.create(name, columns);
  try {
    table.appendArrow(...batches);
  } catch (cause) {
    tables.drop(table.tableId);
    throw cause;
  }
  return table;
};

const schemaOf = (name: string, source: ArrowSource): Schema => {
  const schema = "schema" in source ? source.schema : source[0]?.schema;
  if (schema !== undefined) return schema;
  throw new QueryError("invalid-argument", `table ${name} needs at least one record batch, to know its columns`);
};
