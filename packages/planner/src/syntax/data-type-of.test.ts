import { QueryError, typeName } from "@headcut/plan";
import { expect, test } from "vitest";
import { dataTypeOf } from "./data-type-of.ts";
import { parseStatement } from "./parse.ts";
import type { TypeName } from "./tree.ts";

const typeOf = (text: string): TypeName => {
  const statement = parseStatement(`CREATE TABLE t (a ${text})`);
  if (statement.kind !== "createTable") throw new Error("not a table");
  return statement.columns[0]!.type;
};

test.each([
  ["boolean", "BOOLEAN"],
  ["Bool", "BOOLEAN"],
  ["tinyint", "TINYINT"],
  ["int2", "SMALLINT"],
  ["int", "INTEGER"],
  ["INT4", "INTEGER"],
  ["long", "BIGINT"],
  ["int8", "BIGINT"],
  ["utinyint", "UTINYINT"],
  ["usmallint", "USMALLINT"],
  ["uinteger", "UINTEGER"],
  ["ubigint", "UBIGINT"],
  ["hugeint", "DECIMAL(38,0)"],
  ["real", "FLOAT"],
  ["float4", "FLOAT"],
  ["float", "FLOAT"],
  ["float8", "DOUBLE"],
  ["double precision", "DOUBLE"],
  ["decimal", "DECIMAL(18,3)"],
  ["numeric(10)", "DECIMAL(10,0)"],
  ["dec(38, 38)", "DECIMAL(38,38)"],
  ["decimal(1,0)", "DECIMAL(1,0)"],
  ["varchar", "VARCHAR"],
  ["varchar(10)", "VARCHAR"],
  ["char(1)", "VARCHAR"],
  ["character varying (5)", "VARCHAR"],
  ["text", "VARCHAR"],
  ["string", "VARCHAR"],
  ["blob", "BLOB"],
  ["bytea", "BLOB"],
  ["date", "DATE"],
  ["time", "TIME"],
  ["time without time zone", "TIME"],
  ["timestamp", "TIMESTAMP"],
  ["datetime", "TIMESTAMP"],
  ["timestamp_ns", "TIMESTAMP_NS"],
  ["timestamptz", "TIMESTAMP WITH TIME ZONE"],
  ["timestamp with time zone", "TIMESTAMP WITH TIME ZONE"],
  ["interval", "INTERVAL"],
  ["uuid", "UUID"],
  ['"VarChar"', "VARCHAR"],
])("%s is %s", (text, name) => expect(typeName(dataTypeOf(typeOf(text)))).toBe(name));

const errorOf = (text: string): QueryError => {
  try {
    dataTypeOf(typeOf(text));
  } catch (error) {
    return error as QueryError;
  }
  throw new Error(`${text} is a type`);
};

test.each([
  ["varchr", "syntax", "there is no type named VARCHR", "did you mean VARCHAR?"],
  ["foo", "syntax", "there is no type named FOO", undefined],
  ["decimal(39)", "syntax", "DECIMAL(39) is not a type", expect.stringContaining("1 to 38")],
  ["decimal(0)", "syntax", "DECIMAL(0) is not a type", expect.anything()],
  ["decimal(5,6)", "syntax", "DECIMAL(5,6) is not a type", expect.anything()],
  ["decimal(5.5)", "syntax", "DECIMAL(5.5) is not a type", expect.anything()],
  ["decimal(1,1,1)", "syntax", "DECIMAL(1,1,1) is not a type", expect.anything()],
  ["hugeint(5)", "syntax", "HUGEINT takes no such arguments", undefined],
  ["int(5)", "syntax", "INT takes no such arguments", undefined],
  ["varchar(5, 5)", "syntax", "VARCHAR takes no such arguments", undefined],
  ["timestamp(3) with time zone", "syntax", "TIMESTAMP WITH TIME ZONE takes no such arguments", undefined],
  ["json", "unsupported", "the type JSON is not supported", undefined],
  ["timestamp_s", "unsupported", "the type TIMESTAMP_S is not supported", undefined],
  ["time with time zone", "unsupported", "the type TIME WITH TIME ZONE is not supported", undefined],
])("%s: %s, %s", (text, code, message, hint) => {
  const error = errorOf(text);
  expect(error).toBeInstanceOf(QueryError);
  expect({ code: error.code, message: error.message, hint: error.hint }).toEqual({ code, message, hint });
  expect(error.range).toEqual(typeOf(text).range);
});
