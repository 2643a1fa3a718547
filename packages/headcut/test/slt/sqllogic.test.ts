import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, QueryError, typeName } from "headcut";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { connect, isCluster } from "../target.ts";
import { decodeRow, parseSlt, type SltRecord } from "./parse-slt.ts";

const folder = join(import.meta.dirname, "cases");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".slt"));

describe.each(isCluster ? [1] : [1, 2])("sqllogictest files, %i threads", (threads) => {
  it.each(files)("%s", async (name) => {
    const db = await connect({ threads });
    try {
      for (const record of parseSlt(readFileSync(join(folder, name), "utf8")).records) await check(db, name, record);
    } finally {
      await db.close();
    }
  });
});

const check = async (db: Connection, name: string, record: SltRecord): Promise<void> => {
  const place = `${name}:${record.line}: ${record.sql}`;
  if (record.kind === "statement" && record.error !== undefined) {
    const error: unknown = await db.query(record.sql).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error, place).toBeInstanceOf(QueryError);
    expect((error as QueryError).code, place).toBe(record.error);
    return;
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
};
