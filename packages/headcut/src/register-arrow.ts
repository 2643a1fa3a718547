import { dataTypeOfField, type MemoryTable, type TableStore } from "@headcut/executor";
import type { Table } from "apache-arrow";

/** An in-memory table with a copy of an Arrow table's values. */
export const registerArrow = (tables: TableStore, name: string, source: Table): MemoryTable => {
  const columns = source.schema.fields.map((field) => ({
    name: field.name,
    type: dataTypeOfField(field),
    nullable: field.nullable,
  }));
  const table = tables.create(name, columns);
  try {
    table.appendArrow(...source.batches);
  } catch (cause) {
    tables.drop(table.tableId);
    throw cause;
  }
  return table;
};
