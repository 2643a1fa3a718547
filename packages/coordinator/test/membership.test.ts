import { describe, expect, test } from "vitest";
import type { Member } from "../src/membership/member.ts";
import {
  DEFAULT_MEMBERSHIP,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  ownerNodes,
} from "../src/membership/membership-state.ts";
import { initialMembership, stepMembership } from "../src/membership/step-membership.ts";
import { createClock } from "./clock.ts";
import { random } from "./random.ts";

const { heartbeatMs, suspectAfterMs, lostAfterMs, probeMs } = DEFAULT_MEMBERSHIP;

/** Nodes n0 … with a network between them that a test can break. */
const cluster = (count: number, seed = 1) => {
  const rng = random(seed);
  const clock = createClock();
  const nodes = new Map<string, { state: MembershipState; life: number; running: boolean; lostOnce: Set<string> }>();
  const network = { loss: 0, slow: 0, isCut: (_from: string, _to: string): boolean => false };
  const idOf = (address: string): string => address.split(":")[0]!;

  const carryOut = (from: string, effects: readonly MembershipEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "changed" && effect.to === "lost") nodes.get(from)!.lostOnce.add(effect.nodeId);
      if (effect.kind !== "send") continue;
      const to = idOf(effect.address);
      if (network.isCut(from, to) || rng.chance(network.loss)) continue;
      const delay = 1 + rng.below(rng.chance(network.slow) ? 1500 : 20);
      clock.at(clock.now + delay, () => tell(to, { kind: "heartbeat", now: clock.now, heartbeat: effect.heartbeat }));
    }
  };
  const tell = (id: string, event: MembershipEvent): void => {
    const node = nodes.get(id);
    if (node === undefined || !node.running) return;
    const next = stepMembership(node.state, event);
    node.state = next.state;
    carryOut(id, next.effects);
  };
  const start = (id: string, seeds: readonly string[]): void => {
    const life = (nodes.get(id)?.life ?? 0) + 1;
    const self = {
      nodeId: id,
      address: `${id}:8815`,
      weight: 1,
      startedAt: clock.now,
      incarnation: 1_000_000 + clock.now,
    };
    nodes.set(id, { state: initialMembership(self, "test", seeds), life, running: true, lostOnce: new Set() });
    const beat = (): void => {
      if (nodes.get(id)!.life !== life || !nodes.get(id)!.running) return;
      tell(id, { kind: "tick", now: clock.now, load: 0 });
      clock.at(clock.now + heartbeatMs, beat);
    };
    clock.at(clock.now + rng.below(heartbeatMs), beat);
  };
  const ids = Array.from({ length: count }, (_, i) => `n${i}`);
  for (const id of ids) start(id, ["n0:8815"]);
  return {
    clock,
    nodes,
    network,
    ids,
    start,
    tell,
    run: (ms: number): void => {
      const until = clock.now + ms;
      let due = true;
      clock.at(until, () => {
        due = false;
      });
      while (due) clock.advance();
    },
    stop: (id: string): void => {
      nodes.get(id)!.running = false;
    },
    view: (id: string): string =>
      ownerNodes(nodes.get(id)!.state)
        .map(({ nodeId }) => nodeId)
        .join(" "),
    status: (id: string, of: string) => nodes.get(id)!.state.peers.get(of),
  };
};

describe("membership", () => {
  test("nodes that know one seed find each other within three beats", () => {
    const c = cluster(8);
    c.run(3 * heartbeatMs);
    for (const id of c.ids) expect(c.view(id)).toBe(c.ids.join(" "));
  });

  test("a dead node is suspected, then lost, by everyone and in time; restarted it is up again", () => {
    const c = cluster(5);
    c.run(3000);
    c.stop("n3");
    c.run(suspectAfterMs + 3 * heartbeatMs);
    for (const id of ["n0", "n1", "n2", "n4"]) expect(c.status(id, "n3")!.health).toBe("suspect");
    c.run(lostAfterMs - suspectAfterMs + heartbeatMs);
    for (const id of ["n0", "n1", "n2", "n4"]) expect(c.view(id)).toBe("n0 n1 n2 n4");
    c.start("n3", ["n1:8815"]);
    c.run(3 * heartbeatMs);
    for (const id of c.ids) expect(c.view(id)).toBe("n0 n1 n2 n3 n4");
  });

  test("a link that is broken between two nodes, or one way, loses nobody", () => {
    const c = cluster(4);
    c.run(2000);
    c.network.isCut = (from, to) =>
      (from === "n1" && to === "n2") || (from === "n2" && to === "n1") || (from === "n3" && to === "n0");
    c.run(60_000);
    for (const id of c.ids) {
      expect(c.view(id)).toBe("n0 n1 n2 n3");
      expect(c.nodes.get(id)!.lostOnce.size).toBe(0);
    }
  });

  test("halves of a cluster that is cut lose each other, and find each other afterwards", () => {
    const c = cluster(6);
    c.run(3000);
    const half = (id: string): boolean => Number(id.slice(1)) < 3;
    c.network.isCut = (from, to) => half(from) !== half(to);
    c.run(lostAfterMs + 4 * heartbeatMs);
    expect(c.view("n0")).toBe("n0 n1 n2");
    expect(c.view("n5")).toBe("n3 n4 n5");
    c.network.isCut = () => false;
    c.run(probeMs + 4 * heartbeatMs);
    for (const id of c.ids) expect(c.view(id)).toBe(c.ids.join(" "));
  });

  test("a node that drains is still an owner; one that leaves is gone at once and stays gone", () => {
    const c = cluster(4);
    c.run(3000);
    c.tell("n2", { kind: "drain", now: c.clock.now });
    c.run(50);
    for (const id of ["n0", "n1", "n3"]) expect(c.status(id, "n2")!.member.status).toBe("draining");
    expect(c.view("n0")).toBe("n0 n1 n2 n3");
    c.tell("n2", { kind: "leave", now: c.clock.now });
    c.stop("n2");
    c.run(50);
    for (const id of ["n0", "n1", "n3"]) expect(c.view(id)).toBe("n0 n1 n3");
    c.run(60_000);
    for (const id of ["n0", "n1", "n3"]) expect(c.view(id)).toBe("n0 n1 n3");
  });

  test("another cluster's heartbeats are not listened to; a second process with one's id is noticed", () => {
    const self = { nodeId: "a", address: "a:1", weight: 1, startedAt: 5, incarnation: 5 };
    const state = initialMembership(self, "mine", []);
    const from: Member = {
      nodeId: "b",
      address: "b:1",
      weight: 1,
      startedAt: 5,
      incarnation: 5,
      counter: 1,
      status: "alive",
      load: 0,
    };
    const heard = (clusterName: string, member: Member) =>
      stepMembership(state, {
        kind: "heartbeat",
        now: 1,
        heartbeat: { clusterName, from: member, members: [], answer: true },
      });
    expect(heard("other", from)).toEqual({ state, effects: [] });
    expect(heard("mine", from).effects.map(({ kind }) => kind)).toEqual(["changed", "send"]);
    const twin = { ...from, nodeId: "a" };
    // The later of two processes stops; the earlier tells it that it is there.
    expect(heard("mine", { ...twin, startedAt: 4, incarnation: 4 }).effects).toEqual([
      { kind: "conflict", address: "b:1" },
    ]);
    const { effects: told, state: outdone } = heard("mine", { ...twin, startedAt: 6, incarnation: 6 });
    expect(outdone.self.incarnation).toBe(7);
    expect(
      told.map((effect) => (effect.kind === "send" ? [effect.address, effect.heartbeat.from.address] : effect)),
    ).toEqual([["b:1", "a:1"]]);
    // One of two that were started in the same millisecond.
    expect(heard("mine", twin).effects.map(({ kind }) => kind)).toEqual(["send"]);
    expect(heard("mine", { ...twin, address: "Z:1" }).effects.map(({ kind }) => kind)).toEqual(["conflict"]);
    // What others remember of this node's past is no other process.
    const hearsay = stepMembership(state, {
      kind: "heartbeat",
      now: 1,
      heartbeat: { clusterName: "mine", from, members: [{ ...twin, startedAt: 4, incarnation: 4 }], answer: false },
    });
    expect(hearsay.effects.map(({ kind }) => kind)).toEqual(["changed"]);
  });

  test("forgets the dead in the end, and hearsay does not bring them back", () => {
    const c = cluster(3);
    c.run(2000);
    c.stop("n2");
    c.run(DEFAULT_MEMBERSHIP.forgetAfterMs + 20_000);
    for (const id of ["n0", "n1"]) expect(c.status(id, "n2")).toBeUndefined();
  });

  test("after any faults all living nodes agree on who lives (1,000 seeds)", () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const rng = random(seed);
      const c = cluster(2 + rng.below(4), seed);
      c.network.loss = rng.pick([0, 0.1, 0.3]);
      c.network.slow = rng.pick([0, 0.1]);
      c.run(1000);
      const gone = new Set<string>();
      for (let i = 0; i < 6; i++) {
        c.run(rng.below(4000));
        const id = rng.pick(c.ids);
        const cutOff = rng.pick(c.ids);
        switch (rng.below(5)) {
          case 0:
            if (id !== "n0") {
              c.stop(id);
              gone.add(id);
            }
            break;
          case 1:
            if (gone.delete(id)) c.start(id, ["n0:8815"]);
            break;
          case 2:
            c.network.isCut = (from, to) => from === cutOff || (to === cutOff && seed % 2 === 0);
            break;
          case 3:
            c.network.isCut = () => false;
            break;
          default:
            if (id !== "n0" && !gone.has(id)) {
              c.tell(id, { kind: "leave", now: c.clock.now });
              c.stop(id);
              gone.add(id);
            }
        }
      }
      c.network.isCut = () => false;
      c.network.loss = 0;
      c.network.slow = 0;
      c.run(lostAfterMs + probeMs + 6 * heartbeatMs);
      const living = c.ids.filter((id) => !gone.has(id)).join(" ");
      for (const id of c.ids) if (!gone.has(id)) expect(c.view(id), `seed ${seed}, ${id}`).toBe(living);
    }
  });

  test("with a tenth of all messages lost nobody is taken for lost in an hour", () => {
    const c = cluster(3);
    c.network.loss = 0.1;
    c.run(3_600_000);
    for (const id of c.ids) expect(c.nodes.get(id)!.lostOnce.size).toBe(0);
  });
});
