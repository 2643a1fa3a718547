import { expect, test } from "vitest";
import { parseStatement } from "./parse.ts";
import type * as tree from "./tree.ts";

const literal = (text: string): tree.Expression => {
  const statement = parseStatement(`SELECT ${text}`);
  if (statement.kind !== "query" || statement.body.kind !== "select") throw new Error("not a select");
  const [item] = statement.body.items;
  if (item?.kind !== "selectExpression") throw new Error("not an expression");
  return item.expression;
};

test.each([
  ["''", ""],
  ["'it''s'", "it's"],
  ["''''", "'"],
  ["'two\nlines'", "two\nlines"],
  ["'-- no comment'", "-- no comment"],
  ["'back\\slash'", "back\\slash"],
  ["'héllo 😀'", "héllo 😀"],
  ["E'tab\\tnewline\\nquote\\'s ''s'", "tab\tnewline\nquote's 's"],
  ["e'\\\\ \\b\\f\\r'", "\\ \b\f\r"],
  ["E'\\101\\x41\\x4a\\u0041\\U0001F600'", "AAJA😀"],
  ["E'\\q'", "q"],
  ["$$it's$$", "it's"],
  ["$$$$", ""],
  ["$tag$a $$ $other$ b$tag$", "a $$ $other$ b"],
])("%s", (text, value) => expect(literal(text)).toMatchObject({ kind: "string", value }));

test.each([
  ["0", "integer", "0"],
  ["1_000_000", "integer", "1000000"],
  ["170141183460469231731687303715884105728", "integer", "170141183460469231731687303715884105728"],
  ["1.50", "decimal", "1.50"],
  [".5", "decimal", ".5"],
  ["1.", "decimal", "1."],
  ["1_0.2_5", "decimal", "10.25"],
  ["1e10", "float", "1e10"],
  ["1.5E-3", "float", "1.5E-3"],
  [".5e+1", "float", ".5e+1"],
])("%s is %s", (text, form, digits) => expect(literal(text)).toMatchObject({ kind: "number", form, text: digits }));

test.each([
  ["x''", []],
  ["x'00ff'", [0, 255]],
  ["X'0aB1'", [10, 177]],
])("%s", (text, bytes) => expect(literal(text)).toMatchObject({ kind: "blob", value: Uint8Array.from(bytes) }));

test("names keep their case; quotes are resolved", () => {
  expect(literal('"a ""b"""')).toMatchObject({ parts: [{ name: 'a "b"', quoted: true }] });
  expect(literal("L_OrderKey")).toMatchObject({ parts: [{ name: "L_OrderKey", quoted: false }] });
  // A dotless i in capitals is an I, but this is not the keyword IN.
  expect(literal("\u0131n")).toMatchObject({ kind: "columnName", parts: [{ name: "\u0131n" }] });
});

test.each([
  ["INTERVAL '3' months", { value: { kind: "string", value: "3" }, unit: "month" }],
  ["INTERVAL 3 DAY", { value: { kind: "number", text: "3" }, unit: "day" }],
  ["INTERVAL (a) Centuries", { value: { kind: "columnName" }, unit: "century" }],
  ["INTERVAL '1 year 2 days'", { value: { kind: "string" }, unit: undefined }],
])("%s", (text, interval) => expect(literal(text)).toMatchObject({ kind: "interval", ...interval }));

test("an interval of an expression without a unit is a cast", () => {
  expect(literal("INTERVAL (a || ' days')")).toMatchObject({ kind: "cast", type: { name: "INTERVAL" } });
});
