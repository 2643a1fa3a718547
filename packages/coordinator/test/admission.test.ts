import { describe, expect, test } from "vitest";
import { type AdmissionEvent, type AdmissionState, idleAdmission, stepAdmission } from "../src/schedule/admission.ts";
import { random } from "./random.ts";

const play = (state: AdmissionState, ...events: readonly AdmissionEvent[]) => {
  const log: string[] = [];
  for (const event of events) {
    const next = stepAdmission(state, event);
    state = next.state;
    for (const effect of next.effects)
      log.push(effect.kind === "admit" ? `+${effect.queryId}` : `-${effect.queryId} ${effect.failure.code}`);
  }
  return { state, log };
};
const submit = (queryId: string, bytes: number, now = 0, expiresAt = 1000): AdmissionEvent => ({
  kind: "submit",
  queryId,
  bytes,
  now,
  expiresAt,
});
const leave = (queryId: string, now = 1): AdmissionEvent => ({ kind: "leave", queryId, now });

describe("admission", () => {
  test("queries begin while their memory is free, then wait their turn", () => {
    const { log } = play(
      idleAdmission(100, 10),
      submit("a", 60),
      submit("b", 60),
      submit("c", 50),
      leave("a"),
      leave("b"),
    );
    expect(log).toEqual(["+a", "+b", "+c"]);
  });

  test("small ones may overtake, but not for ever", () => {
    const small = Array.from({ length: 30 }, (_, i) => [submit(`s${i}`, 10), leave(`s${i}`)]).flat();
    const { log, state } = play(idleAdmission(100, 99), submit("a", 60), submit("big", 90), ...small);
    expect(log.filter((line) => line.startsWith("+s"))).toHaveLength(16);
    expect(state.queue[0]!.queryId).toBe("big");
    expect(play(state, leave("a")).log).toEqual(["+big"]);
  });

  test("one that wants more than there is gets all, alone", () => {
    const { state, log } = play(idleAdmission(100, 10), submit("huge", 5000), submit("a", 1));
    expect(log).toEqual(["+huge"]);
    expect(state.running.get("huge")).toBe(100);
  });

  test("a full queue and a long wait refuse, with reasons; what left is not let in", () => {
    const { log, state } = play(idleAdmission(10, 1), submit("a", 10), submit("b", 10), submit("c", 10));
    expect(log).toEqual(["+a", "-c out-of-memory"]);
    expect(play(state, { kind: "tick", now: 999 }).log).toEqual([]);
    expect(play(state, { kind: "tick", now: 1000 }).log).toEqual(["-b timeout"]);
    expect(play(state, leave("b"), leave("a")).log).toEqual([]);
    expect(play(state, submit("a", 10), submit("b", 10)).log).toEqual([]);
  });

  test("never more than the budget, everyone gets an answer once", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const rng = random(seed);
      let state = idleAdmission(100, 5);
      const answered = new Map<string, number>();
      for (let i = 0; i < 60; i++) {
        const running = [...state.running.keys()];
        const event =
          rng.chance(0.5) || running.length === 0
            ? submit(`q${i}`, 1 + rng.below(150), i, i + 20)
            : leave(rng.pick(running), i);
        const next = stepAdmission(state, event);
        state = next.state;
        for (const { queryId } of next.effects) answered.set(queryId, (answered.get(queryId) ?? 0) + 1);
        expect([...state.running.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(100);
        expect(state.queue.length).toBeLessThanOrEqual(5);
        expect(state.queue.length === 0 || state.running.size > 0).toBe(true);
      }
      expect([...answered.values()].every((count) => count === 1)).toBe(true);
    }
  });
});
