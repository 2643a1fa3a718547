import { expect, test } from "vitest";
import { isComplete } from "./complete-statement.ts";

test.each([
  "",
  "  \n\t",
  "-- only a comment",
  "/* ; */",
  ";",
  "SELECT 1;",
  "SELECT 1; -- done",
  "SELECT 1; /* a /* nested */ comment */ \n",
  "SELECT ';';",
  "SELECT 1; SELECT 2;",
  "SELECT 'a' ';' ;",
  "SELECT (1;",
  "SELECT § ;",
])("complete: %s", (sql) => expect(isComplete(sql)).toBe(true));

test.each([
  "SELECT 1",
  "SELECT 1; SELECT 2",
  "SELECT 1 -- ;",
  "SELECT 1 /* ; */",
  "SELECT 1; /* not closed",
  "SELECT 1 /* a /* nested */ ;",
  "SELECT ';",
  "SELECT 'it''s;",
  'SELECT "a;',
  "SELECT $$;",
  "SELECT $tag$ $$;",
  "SELECT E'\\';",
])("not complete: %s", (sql) => expect(isComplete(sql)).toBe(false));
