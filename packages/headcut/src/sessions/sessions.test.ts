import { openEngine } from "@headcut/executor";
import { int32, QueryError } from "@headcut/plan";
import { tableFromArrays } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nameTable } from "./session.ts";
import { openSessions, type Sessions } from "./sessions.ts";

const engine = openEngine({ threads: 1 });
const limits = { maxSessions: 2, maxBytes: 2 ** 20, idleMs: 1000 };
const columns = [{ name: "a", type: int32, nullable: false }];
const rows = (count: number) => tableFromArrays({ a: new Int32Array(count) }).batches;

let sessions: Sessions;
beforeEach(() => {
  vi.useFakeTimers();
  sessions = openSessions(engine.tables, limits);
});
afterEach(() => {
  sessions.closeAll();
  vi.useRealTimers();
});

const make = (id: string, count = 1000): void => {
  const { session, release } = sessions.hold({ id, create: true });
  const table = session.tables.create("t", columns);
  table.appendArrow(...rows(count));
  nameTable(session, "t", table.tableId);
  release();
};

it("a session is there from when it is first needed until it is closed", () => {
  expect(() => sessions.hold({ id: "s", create: false })).toThrow(QueryError);
  const free = engine.freeBytes();
  make("s");
  expect(engine.freeBytes()).toBeLessThan(free);
  expect(sessions.hold({ id: "s", create: false }).session.names.size).toBe(1);
  make("other");
  expect(sessions.count()).toBe(2);
  sessions.close("other");
  expect(sessions.close("s")).toBe(true);
  expect(sessions.close("s")).toBe(false);
  expect(sessions.touch("s")).toBe(false);
});

it("a session that is closed while a statement runs in it is dropped after that", () => {
  const free = engine.freeBytes();
  make("s");
  const held = sessions.hold({ id: "s", create: false });
  sessions.close("s");
  expect(engine.freeBytes()).toBeLessThan(free);
  held.release();
  held.release();
  expect(engine.freeBytes()).toBe(free);
});

describe("limits", () => {
  it("number of sessions", () => {
    make("a");
    make("b");
    expect(() => make("c")).toThrow("this node has 2 sessions");
    sessions.close("a");
    make("c");
  });

  it("bytes of a session; what does not fit is not there", () => {
    make("a", 100_000);
    const { session, release } = sessions.hold({ id: "a", create: false });
    const table = session.tables.create("u", columns);
    expect(() => table.appendArrow(...rows(200_000))).toThrow(/u needs more than the 1048576 bytes/);
    expect(table.rowCount()).toBe(0);
    table.appendArrow(...rows(1000));
    release();
    make("b", 100_000);
  });

  it("idleness, unless a statement runs or the client says that it is there", () => {
    make("silent");
    make("heard");
    vi.advanceTimersByTime(900);
    expect(sessions.touch("heard")).toBe(true);
    vi.advanceTimersByTime(500);
    expect(sessions.touch("silent")).toBe(false);
    const held = sessions.hold({ id: "heard", create: false });
    vi.advanceTimersByTime(10_000);
    expect(sessions.count()).toBe(1);
    held.release();
    vi.advanceTimersByTime(2000);
    expect(sessions.count()).toBe(0);
  });
});

it("tables of another session, or of the engine, are not found", () => {
  const foreign = engine.tables.create("foreign", columns);
  make("s");
  const { session, release } = sessions.hold({ id: "s", create: false });
  expect(() => session.tables.get(foreign.tableId, "foreign")).toThrow("no longer exists");
  session.tables.drop(foreign.tableId);
  expect(engine.tables.get(foreign.tableId, "foreign")).toBe(foreign);
  release();
  engine.tables.drop(foreign.tableId);
});
