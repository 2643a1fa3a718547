import type { JoinKey, PhysicalHashJoin, PhysicalJoinKind, PhysicalPlan } from "@headcut/plan";
import { repartitioned } from "./aggregate.ts";
import { travelling } from "./distinct-keys.ts";
import { type Choice, type Joined, MAY_COPY, mayPartition } from "./join-rules.ts";
import { chooseKeyFilter, type Moving, type Side, withKeyFilter } from "./key-filters.ts";
import { localChoices } from "./local-join.ts";
import { type Cutting, close, gathered, isDistributed, isEverywhere, type OpenFragment } from "./open-fragment.ts";
import { alignment, type Partitioning, partitionedBy } from "./partitioning.ts";
import { outputBytes } from "./row-bytes.ts";
import { joinedTraces, NO_TRACES } from "./traces.ts";

/** A side that is estimated larger is never copied to all nodes: it would not fit, were the estimate low. */
export const BROADCAST_LIMIT_BYTES = 128 * 1024 * 1024;
/** What an exchange costs before its first byte, in bytes: a round of messages. */
const EXCHANGE_BYTES = 64 * 1024;

/** A join of two open fragments, by the cheapest exchange that is right for its kind; at the coordinator if none is. */
export const cutJoin = (
  plan: PhysicalHashJoin,
  build: OpenFragment,
  probe: OpenFragment,
  cutting: Cutting,
): OpenFragment => {
  const sides: Sides = { build, probe };
  const moved: Sides = {
    build: travelling(plan, "build", build, cutting),
    probe: travelling(plan, "probe", probe, cutting),
  };
  const joined = (buildPlan: PhysicalPlan, probePlan: PhysicalPlan): PhysicalHashJoin => ({
    ...plan,
    build: buildPlan,
    probe: probePlan,
  });
  const choices: Choice[] = [];
  if (build.ctes.size === 0 && probe.ctes.size === 0) {
    for (const side of ["build", "probe"] as const) {
      if (!isDistributed(sides[OTHER[side]]) || !MAY_COPY[plan.joinKind][side]) continue;
      if (isEverywhere(sides[side])) choices.push({ costBytes: 0, make: () => repeated(plan, side, sides, joined) });
      const bytes = outputBytes(moved[side].plan);
      if (bytes > BROADCAST_LIMIT_BYTES) continue;
      choices.push({
        costBytes: bytes * cutting.nodeCount + EXCHANGE_BYTES,
        make: () => broadcast(plan, side, sides, moved, cutting, joined),
      });
    }
    if ((isDistributed(build) || isDistributed(probe)) && mayPartition(plan)) {
      choices.push(partitioned(plan, sides, moved, cutting, joined));
    }
    choices.push(...localChoices(plan, build, probe, cutting, joined));
  }
  choices.push(atCoordinator(plan, sides, moved, cutting, joined));
  return choices.reduce((best, choice) => (choice.costBytes < best.costBytes ? choice : best)).make();
};

/** Both sides of a join. */
type Sides = Readonly<Record<Side, OpenFragment>>;

const OTHER = { build: "probe", probe: "build" } as const;

/** All of one side to wherever the other is. */
const broadcast = (
  plan: PhysicalHashJoin,
  side: Side,
  sides: Sides,
  moved: Sides,
  cutting: Cutting,
  joined: Joined,
): OpenFragment => {
  const other = OTHER[side];
  const stays = sides[other];
  const { leaf, input } = close(moved[side], { kind: "broadcast" }, cutting);
  const moving = { [side]: { open: moved[side], copies: cutting.nodeCount }, [other]: { open: stays, copies: 0 } };
  const filter = chooseKeyFilter(plan, moving as Readonly<Record<Side, Moving>>, cutting);
  if (filter !== undefined) withKeyFilter(plan, filter, stays, input.from, cutting);
  return withWhole(plan, side, stays, leaf, [input], joined);
};

/** One side in every task of the other: it reads nothing but what all of them can. */
const repeated = (plan: PhysicalHashJoin, side: Side, sides: Sides, joined: Joined): OpenFragment =>
  withWhole(plan, side, sides[OTHER[side]], sides[side].plan, sides[side].inputs, joined);

/** A fragment joined with a side of which each of its tasks has all rows. */
const withWhole = (
  plan: PhysicalHashJoin,
  side: Side,
  stays: OpenFragment,
  whole: PhysicalPlan,
  inputs: OpenFragment["inputs"],
  joined: Joined,
): OpenFragment => {
  const pairs = plan.keys.map((key) => [key[OTHER[side]], key[side]] as const);
  return {
    ...stays,
    plan: side === "build" ? joined(whole, stays.plan) : joined(stays.plan, whole),
    inputs: [...stays.inputs, ...inputs],
    partitioning: equated(plan, stays.partitioning, pairs),
    traces:
      side === "build"
        ? joinedTraces(plan.joinKind, NO_TRACES, stays.traces)
        : joinedTraces(plan.joinKind, stays.traces, NO_TRACES),
  };
};

/** Then one node does all the work. */
const atCoordinator = (
  plan: PhysicalHashJoin,
  sides: Sides,
  moved: Sides,
  cutting: Cutting,
  joined: Joined,
): Choice => {
  const moves = (side: Side): boolean => isDistributed(sides[side]);
  const cost = (side: Side): number =>
    moves(side) ? outputBytes(moved[side].plan) * cutting.nodeCount + EXCHANGE_BYTES : 0;
  return {
    costBytes: cost("build") + cost("probe"),
    make: () => {
      const { build, probe } = ended(plan, sides, moved, moves, cutting, (_, open) => gathered(open, cutting));
      return {
        plan: joined(build.plan, probe.plan),
        runs: { kind: "coordinator" },
        inputs: [...probe.inputs, ...build.inputs],
        partitioning: undefined,
        traces: NO_TRACES,
        everywhere: build.everywhere === true && probe.everywhere === true,
        ctes: new Set([...build.ctes, ...probe.ctes]),
      };
    },
  };
};

/** Both sides by the hash of the keys. A side that is spread like that already stays where it is. */
const partitioned = (plan: PhysicalHashJoin, sides: Sides, moved: Sides, cutting: Cutting, joined: Joined): Choice => {
  const keys = { build: plan.keys.map((key) => key.build), probe: plan.keys.map((key) => key.probe) };
  const bytes = { build: outputBytes(moved.build.plan), probe: outputBytes(moved.probe.plan) };
  const aligned = {
    build: alignment(sides.build.partitioning, keys.build),
    probe: alignment(sides.probe.partitioning, keys.probe),
  };
  const stay = bytes.probe >= bytes.build ? (["probe", "build"] as const) : (["build", "probe"] as const);
  // The larger aligned side decides by which keys, in which order, rows are spread.
  const order = aligned[stay[0]] ?? aligned[stay[1]] ?? plan.keys.map((_, i) => i);
  const moves = (side: Side): boolean => aligned[side]?.join() !== order.join();
  const cost = (side: Side): number => (moves(side) ? bytes[side] + EXCHANGE_BYTES : 0);
  return {
    costBytes: cost("build") + cost("probe"),
    make: () => {
      const { build, probe } = ended(plan, sides, moved, moves, cutting, (side, open) => {
        const chosen = order.map((i) => keys[side][i]!);
        return repartitioned(open, chosen, cutting);
      });
      return {
        plan: joined(build.plan, probe.plan),
        runs: { kind: "partitions", count: cutting.nodeCount },
        inputs: [...probe.inputs, ...build.inputs],
        partitioning: afterJoin(plan.joinKind, build.partitioning, probe.partitioning),
        traces: NO_TRACES,
        ctes: new Set(),
      };
    },
  };
};

/** Both sides after their exchanges: those that move have gone through `exchange`; one that is filtered by the other's keys comes after it. */
const ended = (
  plan: PhysicalHashJoin,
  sides: Sides,
  moved: Sides,
  moves: (side: Side) => boolean,
  cutting: Cutting,
  exchange: (side: Side, open: OpenFragment) => OpenFragment,
): Sides => {
  const at = (side: Side): Moving =>
    moves(side) ? { open: moved[side], copies: 1 } : { open: sides[side], copies: 0 };
  const moving = { build: at("build"), probe: at("probe") };
  const end = (side: Side, open: OpenFragment): OpenFragment => (moves(side) ? exchange(side, open) : open);
  const filter = chooseKeyFilter(plan, moving, cutting);
  const last = filter?.side ?? "probe";
  const first = end(OTHER[last], moving[OTHER[last]].open);
  const own = moving[last].open;
  const filtered = filter === undefined ? own : withKeyFilter(plan, filter, own, first.inputs[0]!.from, cutting);
  const second = end(last, filtered);
  return last === "build" ? { build: second, probe: first } : { build: first, probe: second };
};

/** How rows are spread after a join by partitions: by the keys of a side whose rows come out whole. */
const afterJoin = (kind: PhysicalJoinKind, build: Partitioning, probe: Partitioning): Partitioning => {
  switch (kind) {
    case "inner":
      return probe?.map((ids, i) => new Set([...ids, ...build![i]!]));
    case "probeOuter":
    case "probeSemi":
    case "probeAnti":
    case "mark":
    case "single":
      return probe;
    case "buildOuter":
    case "buildSemi":
    case "buildAnti":
      return build;
    // Padded rows of either side are NULL in the other's keys.
    case "full":
      return undefined;
  }
};

/** After an inner join the other side's key has the same value as a key the rows are spread by. */
const equated = (
  plan: PhysicalHashJoin,
  partitioning: Partitioning,
  pairs: readonly (readonly [JoinKey["build"], JoinKey["build"]])[],
): Partitioning => {
  if (plan.joinKind !== "inner" || partitioning === undefined) return partitioning;
  return partitioning.map((ids) => {
    const all = new Set(ids);
    for (const [own, other] of pairs) {
      for (const id of partitionedBy([own])![0]!) {
        if (ids.has(id)) for (const otherId of partitionedBy([other])![0]!) all.add(otherId);
      }
    }
    return all;
  });
};
