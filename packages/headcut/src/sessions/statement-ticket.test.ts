import { decimal, int64, interval, QueryError, timestamp, uuid, varchar } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { decodeStatementTicket, encodeStatementTicket, type StatementTicket } from "./statement-ticket.ts";

const full: StatementTicket = {
  id: "1",
  sql: "SELECT '✓', $1",
  form: { kind: "explain", analyze: true, format: "json" },
  parameters: [
    { type: int64, value: -(2n ** 63n) },
    { type: decimal(38, 2), value: 10n ** 38n - 1n },
    { type: varchar, value: "ü\u0000🎉" },
    { type: interval, value: { months: -1, days: 2, micros: -3n } },
    { type: timestamp, value: null },
    { type: uuid, value: new Uint8Array(16).fill(7) },
  ],
  session: { id: "s", create: true },
  registered: [{ name: "T", paths: ["s3://b/*.parquet"] }],
  dropsOwn: true,
  limits: { timeoutMs: 0.5, elapsedMs: 1.25, memoryLimitBytes: 1 },
  details: true,
};

describe("a ticket is read as it was written", () => {
  it.each<[string, StatementTicket]>([
    ["full", full],
    ["named parameters", { ...full, parameters: { a: { type: int64, value: 1n }, b: { type: varchar, value: "" } } }],
    [
      "bare",
      {
        id: "",
        sql: "",
        form: { kind: "run" },
        parameters: [],
        session: undefined,
        registered: [],
        dropsOwn: false,
        limits: { timeoutMs: undefined, elapsedMs: 0, memoryLimitBytes: undefined },
        details: false,
      },
    ],
  ])("%s", (_, ticket) => {
    expect(decodeStatementTicket(encodeStatementTicket(ticket))).toEqual(ticket);
  });
});

it.each([
  ["nothing", new Uint8Array()],
  ["text", Buffer.from("SELECT 1")],
  ["half of one", encodeStatementTicket(full).subarray(0, 100)],
  ["another message", Buffer.from('{"headcut":"fragment","version":1,"body":{}}')],
])("%s is no ticket", (_, bytes) => {
  expect(() => decodeStatementTicket(bytes)).toThrow(QueryError);
});
