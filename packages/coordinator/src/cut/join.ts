import type { JoinKey, PhysicalHashJoin, PhysicalJoinKind, PhysicalPlan } from "@headcut/plan";
import { repartitioned } from "./aggregate.ts";
import { travelling } from "./distinct-keys.ts";
import { type Choice, type Joined, MAY_COPY, mayPartition } from "./join-rules.ts";
import { localChoices } from "./local-join.ts";
import { type Cutting, close, gathered, isDistributed, type OpenFragment } from "./open-fragment.ts";
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
  const { nodeCount } = cutting;
  const choices: Choice[] = [];
  const moved: Sides = {
    build: travelling(plan, "build", build, cutting),
    probe: travelling(plan, "probe", probe, cutting),
  };
  const bytes = { build: outputBytes(moved.build.plan), probe: outputBytes(moved.probe.plan) };
  const joined = (buildPlan: PhysicalPlan, probePlan: PhysicalPlan): PhysicalHashJoin => ({
    ...plan,
    build: buildPlan,
    probe: probePlan,
  });

  const movable = build.ctes.size === 0 && probe.ctes.size === 0;
  if (movable && isDistributed(probe) && MAY_COPY[plan.joinKind].build && bytes.build <= BROADCAST_LIMIT_BYTES) {
    choices.push({
      costBytes: bytes.build * nodeCount + EXCHANGE_BYTES,
      make: () => {
        const { leaf, input } = close(moved.build, { kind: "broadcast" }, cutting);
        const inputs = [...probe.inputs, input];
        const partitioning = equated(
          plan,
          probe.partitioning,
          plan.keys.map((key) => [key.probe, key.build]),
        );
        const traces = joinedTraces(plan.joinKind, NO_TRACES, probe.traces);
        return { ...probe, plan: joined(leaf, probe.plan), inputs, partitioning, traces };
      },
    });
  }
  if (movable && isDistributed(build) && MAY_COPY[plan.joinKind].probe && bytes.probe <= BROADCAST_LIMIT_BYTES) {
    choices.push({
      costBytes: bytes.probe * nodeCount + EXCHANGE_BYTES,
      make: () => {
        const { leaf, input } = close(moved.probe, { kind: "broadcast" }, cutting);
        const inputs = [...build.inputs, input];
        const partitioning = equated(
          plan,
          build.partitioning,
          plan.keys.map((key) => [key.build, key.probe]),
        );
        const traces = joinedTraces(plan.joinKind, build.traces, NO_TRACES);
        return { ...build, plan: joined(build.plan, leaf), inputs, partitioning, traces };
      },
    });
  }
  if (movable && (isDistributed(build) || isDistributed(probe)) && mayPartition(plan)) {
    choices.push(partitioned(plan, { build, probe }, moved, bytes, cutting, joined));
  }
  if (movable) choices.push(...localChoices(plan, build, probe, cutting, joined));
  const gathering: Choice = {
    // Then one node does all the work.
    costBytes: gatherCost(moved.build, nodeCount) + gatherCost(moved.probe, nodeCount),
    make: () => {
      const atBuild = gathered(isDistributed(build) ? moved.build : build, cutting);
      const atProbe = gathered(isDistributed(probe) ? moved.probe : probe, cutting);
      return {
        plan: joined(atBuild.plan, atProbe.plan),
        runs: { kind: "coordinator" },
        inputs: [...atProbe.inputs, ...atBuild.inputs],
        partitioning: undefined,
        traces: NO_TRACES,
        ctes: new Set([...atBuild.ctes, ...atProbe.ctes]),
      };
    },
  };
  choices.push(gathering);
  return choices.reduce((best, choice) => (choice.costBytes < best.costBytes ? choice : best)).make();
};

/** Both sides of a join. */
interface Sides {
  readonly build: OpenFragment;
  readonly probe: OpenFragment;
}

const gatherCost = (side: OpenFragment, nodeCount: number): number =>
  isDistributed(side) ? outputBytes(side.plan) * nodeCount + EXCHANGE_BYTES : 0;

/** Both sides by the hash of the keys. A side that is spread like that already stays where it is. */
const partitioned = (
  plan: PhysicalHashJoin,
  { build, probe }: Sides,
  moved: Sides,
  bytes: { readonly build: number; readonly probe: number },
  cutting: Cutting,
  joined: Joined,
): Choice => {
  const keys = { build: plan.keys.map((key) => key.build), probe: plan.keys.map((key) => key.probe) };
  const aligned = {
    build: alignment(build.partitioning, keys.build),
    probe: alignment(probe.partitioning, keys.probe),
  };
  const stay = bytes.probe >= bytes.build ? (["probe", "build"] as const) : (["build", "probe"] as const);
  // The larger aligned side decides by which keys, in which order, rows are spread.
  const order = aligned[stay[0]] ?? aligned[stay[1]] ?? plan.keys.map((_, i) => i);
  const settled = (side: "build" | "probe"): boolean => aligned[side]?.join() === order.join();
  const chosen = (side: "build" | "probe") => order.map((i) => keys[side][i]!);
  const cost = (side: "build" | "probe"): number => (settled(side) ? 0 : bytes[side] + EXCHANGE_BYTES);
  return {
    costBytes: cost("build") + cost("probe"),
    make: () => {
      const atBuild = settled("build") ? build : repartitioned(moved.build, chosen("build"), cutting);
      const atProbe = settled("probe") ? probe : repartitioned(moved.probe, chosen("probe"), cutting);
      return {
        plan: joined(atBuild.plan, atProbe.plan),
        runs: { kind: "partitions", count: cutting.nodeCount },
        inputs: [...atProbe.inputs, ...atBuild.inputs],
        partitioning: afterJoin(plan.joinKind, atBuild.partitioning, atProbe.partitioning),
        traces: NO_TRACES,
        ctes: new Set(),
      };
    },
  };
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
