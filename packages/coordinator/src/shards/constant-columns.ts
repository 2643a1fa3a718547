import { constantColumn } from "@headcut/executor";
import type { FileConstant, TableColumn } from "@headcut/plan";

/** The columns of a file of which its path gives some one value, whatever the file says itself. In the order that `openParquetTable` has. */
export const withConstants = (
  columns: readonly TableColumn[],
  constants: readonly FileConstant[] | undefined,
  rowCount: number,
): readonly TableColumn[] => {
  if (constants === undefined) return columns;
  const given = new Map(constants.map((constant) => [constant.name, constantColumn([{ rowCount, constant }])]));
  const own = new Set(columns.map(({ name }) => name));
  const added = [...given.values()].filter(({ name }) => !own.has(name));
  return [
    ...columns.map((column) => given.get(column.name) ?? column),
    ...added.sort((a, b) => (a.name < b.name ? -1 : 1)),
  ];
};
