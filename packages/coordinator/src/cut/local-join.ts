import type { PhysicalHashJoin } from "@headcut/plan";
import type { SplitKey, SplitRuns } from "./fragment.ts";
import { type Choice, type Joined, MAY_COPY, mayPartition } from "./join-rules.ts";
import type { Cutting, OpenFragment } from "./open-fragment.ts";
import { splitRuns } from "./split-runs.ts";
import { isSameKey, joinedTraces, type Traces, traceOf } from "./traces.ts";

/** Reading a table on every node, against sending it there: so many times cheaper a byte. */
const READ_DISCOUNT = 8;

/** Ways to join where the splits are, without any exchange: both sides' splits meet, or each task reads all of one side. */
export const localChoices = (
  plan: PhysicalHashJoin,
  build: OpenFragment,
  probe: OpenFragment,
  cutting: Cutting,
  joined: Joined,
): readonly Choice[] => {
  const [buildRuns, probeRuns] = [build.runs, probe.runs];
  if (buildRuns.kind !== "splits" || probeRuns.kind !== "splits") return [];
  const choices: Choice[] = [];
  const together = (runs: SplitRuns, traces: Traces): OpenFragment => ({
    plan: joined(build.plan, probe.plan),
    runs,
    inputs: [...probe.inputs, ...build.inputs],
    partitioning: undefined,
    traces,
    ctes: new Set(),
  });

  const by = mayPartition(plan) ? meetingBy(plan, build, buildRuns, probe, probeRuns, cutting) : undefined;
  if (by !== undefined) {
    const traces = joinedTraces(plan.joinKind, build.traces, probe.traces);
    choices.push({ costBytes: 0, make: () => together(splitRuns([probeRuns, buildRuns], by), traces) });
  }
  const copied = (side: "build" | "probe"): void => {
    const [moved, stays] = side === "build" ? [buildRuns, probeRuns] : [probeRuns, buildRuns];
    if (!MAY_COPY[plan.joinKind][side]) return;
    const scans = [...moved.scans, ...(moved.copies ?? [])];
    let bytes = 0;
    for (const scan of scans) bytes += cutting.locality.everywhereBytes(scan) ?? Number.POSITIVE_INFINITY;
    if (bytes === Number.POSITIVE_INFINITY) return;
    const traces = joinedTraces(
      plan.joinKind,
      side === "build" ? new Map() : build.traces,
      side === "probe" ? new Map() : probe.traces,
    );
    choices.push({
      costBytes: (bytes * (cutting.nodeCount - 1)) / READ_DISCOUNT,
      make: () => together(splitRuns([stays], stays.by, scans), traces),
    });
  };
  copied("build");
  copied("probe");
  return choices;
};

/** The columns by which both sides' splits have to be given out, so that rows with equal keys meet; undefined if they cannot. */
const meetingBy = (
  plan: PhysicalHashJoin,
  build: OpenFragment,
  buildRuns: SplitRuns,
  probe: OpenFragment,
  probeRuns: SplitRuns,
  cutting: Cutting,
): readonly SplitKey[] | undefined => {
  for (const key of plan.keys) {
    const ofBuild = byOf(buildRuns, traceOf(build.traces, key.build));
    const ofProbe = byOf(probeRuns, traceOf(probe.traces, key.probe));
    if (ofBuild === undefined || ofProbe === undefined) continue;
    const by = [...ofProbe, ...ofBuild];
    if (cutting.locality.meets(by)) return by;
  }
  return undefined;
};

/** How a fragment's splits are given out when this column is to decide; undefined if another one does already. */
const byOf = ({ scans, by }: SplitRuns, key: SplitKey | undefined): readonly SplitKey[] | undefined => {
  if (key === undefined) return undefined;
  if (by !== undefined) return by.some((known) => isSameKey(known, key)) ? by : undefined;
  return scans.length === 1 ? [key] : undefined;
};
