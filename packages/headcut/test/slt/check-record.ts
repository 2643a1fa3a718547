import { type Connection, QueryError, type QueryResult, typeName } from "headcut";
import { expect } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { decodeRow, type SltRecord } from "./parse-slt.ts";

/** Runs a record, and expects what it says; the result, unless that is an error. */
export const checkRecord = async (
  db: Connection,
  file: string,
  record: SltRecord,
): Promise<QueryResult | undefined> => {
  const place = `${file}:${record.line}: ${record.sql}`;
  if (record.kind === "statement" && record.error !== undefined) {
    const error: unknown = await db.query(record.sql).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error, place).toBeInstanceOf(QueryError);
    expect((error as QueryError).code, place).toBe(record.error);
    return undefined;
  }
  const result = await db.query(record.sql).catch((cause: unknown) => {
    throw new Error(`${place}\n${cause instanceof QueryError ? cause.describe(record.sql) : String(cause)}`, { cause });
  });
  if (record.kind === "query") {
    const types = result.columns.map(({ type }) => typeName(type));
    expect(
      firstDifference(types, record.expected.map(decodeRow), result.toText(), record.ordered),
      place,
    ).toBeUndefined();
  }
  return result;
};
