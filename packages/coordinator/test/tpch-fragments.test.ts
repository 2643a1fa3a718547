import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { decodePlan, encodePlan } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { bindFragment, type ScanSource, splitSource } from "../src/cut/bind-fragment.ts";
import { decodeFragment, encodeFragment } from "../src/cut/fragment-codec.ts";
import { printFragments } from "../src/cut/print-fragments.ts";
import { splitKey } from "../src/placement/split.ts";
import type { QueryEvent } from "../src/schedule/query-events.ts";
import { DEFAULT_SCHEDULE } from "../src/schedule/query-spec.ts";
import { queryWork } from "../src/schedule/query-work.ts";
import { initialState, step } from "../src/schedule/step.ts";
import { cutTpch, NODES } from "./tpch-fragments.ts";

/** The fragments of the 22 queries at scale factor 1 on three nodes. UPDATE_GOLDEN=1 rewrites the files. */
describe("TPC-H fragments", () => {
  for (let query = 1; query <= 22; query++) {
    const name = `q${String(query).padStart(2, "0")}`;
    test(name, () => {
      const { cutUp, placement } = cutTpch(query);
      const file = new URL(`../golden/${name}.txt`, import.meta.url);
      const text = `${printFragments(cutUp, placement)}\n`;
      if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
      expect(existsSync(file), "no golden fragments yet: run with UPDATE_GOLDEN=1").toBe(true);
      expect(text).toBe(readFileSync(file, "utf8"));
    });
  }

  test("fragments travel, in a few kilobytes", () => {
    let largest = 0;
    for (let query = 1; query <= 22; query++) {
      for (const fragment of cutTpch(query).cutUp.fragments) {
        const bytes = encodeFragment(fragment);
        expect(decodeFragment(bytes)).toStrictEqual(fragment);
        largest = Math.max(largest, bytes.length);
      }
    }
    expect(largest).toBeLessThan(20 * 1024);
  });

  test("of the shards there are, a fragment says nothing but the bounds of columns that it reads", () => {
    const { cutUp } = cutTpch(1);
    const text = Buffer.concat(cutUp.fragments.map(encodeFragment)).toString();
    expect(text).not.toContain(".parquet");
    expect(text).not.toContain("nullCount");
    expect(text).toContain('"statistics":{"min":8036,"max":10561}');
    expect(text.match(/"statistics"/g)).toHaveLength(5);
  });
});

describe("TPC-H tasks", () => {
  test("all 22 run to their end on three nodes, every scan by owners alone", () => {
    for (let query = 1; query <= 22; query++) {
      const { cutUp, placement } = cutTpch(query);
      const splits = new Map([...placement].map(([scan, assigned]) => [scan, assigned.map(({ split }) => split)]));
      const fragments = queryWork(cutUp, splits, 1);
      const nodes = NODES.map((node) => ({ ...node, memoryBytes: 1000, draining: false }));
      const spec = { fragments, coordinatorId: NODES[0]!.nodeId, options: DEFAULT_SCHEDULE };
      let state = initialState(spec, nodes);
      const read: string[] = [];
      const pending: QueryEvent[] = [{ kind: "start", now: 0 }];
      for (let event = pending.shift(); event !== undefined; event = pending.shift()) {
        const next = step(state, event);
        state = next.state;
        for (const effect of next.effects) {
          if (effect.kind !== "launch") continue;
          pending.push({ kind: "finished", now: event.now + 1, attemptId: effect.attemptId });
          if (effect.work.kind !== "splits") continue;
          expect(effect.work.fillCache, `q${query}`).toBe(true);
          for (const { operatorId, split } of effect.work.items) read.push(`${operatorId} ${splitKey(split)}`);
          const sources = new Map<number, ScanSource>();
          for (const { operatorId } of effect.work.items) {
            const own = effect.work.items.filter((item) => item.operatorId === operatorId);
            sources.set(operatorId, splitSource(own.map(({ split }) => split)));
          }
          const { inputs, keyInputs = [] } = cutUp.fragments[effect.fragmentId]!;
          for (const { operatorId } of [...inputs, ...keyInputs]) {
            sources.set(operatorId, { source: { kind: "memory", tableId: operatorId }, rowCount: 1 });
          }
          const bound = bindFragment(cutUp.fragments[effect.fragmentId]!.plan, sources);
          expect(decodePlan(encodePlan(bound))).toStrictEqual(bound);
        }
      }
      expect(state.outcome, `q${query}`).toEqual({ kind: "done" });
      const all = [...splits].flatMap(([scan, own]) => own.map((split) => `${scan} ${splitKey(split)}`));
      expect(read.sort()).toEqual(all.sort());
    }
  });

  test("a plan that is not bound is not run", () => {
    const { cutUp } = cutTpch(6);
    expect(() => bindFragment(cutUp.fragments[1]!.plan, new Map())).toThrow("was not bound");
  });
});
