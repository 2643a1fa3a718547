import fc from "fast-check";
import { expect, test } from "vitest";
import { parseStatement } from "../../src/syntax/parse.ts";
import { printTree } from "../../src/syntax/print-tree.ts";
import type * as tree from "../../src/syntax/tree.ts";
import { shape } from "./shape.ts";
import { anyExpression, anyStatement, anyTable } from "./tree-arbitrary.ts";

const selectOf = (sql: string): tree.Select => {
  const statement = parseStatement(sql);
  if (statement.kind !== "query" || statement.body.kind !== "select") throw new Error("not a select");
  return statement.body;
};

test("every expression parses back to itself", () => {
  fc.assert(
    fc.property(anyExpression, (expression) => {
      const [item] = selectOf(`SELECT ${printTree(expression)}`).items;
      expect(shape(item)).toEqual(shape({ kind: "selectExpression", expression, alias: undefined }));
    }),
    { numRuns: 500 },
  );
});

test("every table parses back to itself", () => {
  fc.assert(
    fc.property(anyTable, (table) => {
      expect(shape(selectOf(`FROM ${printTree(table)}`).from)).toEqual(shape([table]));
    }),
    { numRuns: 500 },
  );
});

test("every statement parses back to itself", () => {
  fc.assert(
    fc.property(anyStatement, (statement) => {
      expect(shape(parseStatement(printTree(statement)))).toEqual(shape(statement));
    }),
    { numRuns: 500 },
  );
});
