import { describe, expect, test } from "vitest";
import { simulateQuery } from "./simulate-query.ts";

const SEEDS = Number(process.env.SCHEDULE_SEEDS ?? 10_000);
const FIRST_SEED = Number(process.env.SCHEDULE_SEED ?? 1);

describe("simulated queries", () => {
  test("without faults every query is done, each row once, with no more attempts than tasks", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const report = simulateQuery(seed, { faulty: false });
      expect(report.outcome, `seed ${seed}`).toEqual({ kind: "done" });
      expect(report.wrong, `seed ${seed}`).toBeUndefined();
      expect(report.atMs).toBeLessThan(20_000);
      expect(report.attempts).toBeLessThanOrEqual(report.tasks);
    }
  });

  test(`with loss, delay, repetition, reordering, death, pauses, false alarms and drains: ${SEEDS} seeds`, () => {
    const ends = { done: 0, failed: 0, cancelled: 0 };
    let faults = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      // Throws when the query hangs.
      const { outcome, wrong, orphaned, ...report } = simulateQuery(seed, { faulty: true });
      expect(wrong, `seed ${seed}`).toBeUndefined();
      ends[outcome.kind]++;
      faults += report.faults;
      if (outcome.kind !== "failed") continue;
      const { code, message } = outcome.failure;
      expect(["io", "timeout", "out-of-memory"], `seed ${seed}`).toContain(code);
      // A query that no node can answer says which shard it lacks, unless something else was in its way before.
      if (message.startsWith("no node that has")) {
        expect(message).toMatch(/no node that has t\d+-\d+ row group 0 can be reached: it was on n\d/);
      } else {
        expect(message.length, `seed ${seed}`).toBeGreaterThan(10);
      }
      if (orphaned.length > 0 && message.startsWith("no node that has") && report.faults === 2) {
        expect(
          orphaned.some((path) => message.includes(path)),
          `seed ${seed}: ${message}`,
        ).toBe(true);
      }
    }
    expect(faults).toBeGreaterThan(SEEDS);
    expect(ends.done / SEEDS).toBeGreaterThan(0.95);
    expect(ends.failed).toBeGreaterThan(0);
  });
});
