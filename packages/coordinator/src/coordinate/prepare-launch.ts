import { assert } from "@headcut/plan";
import type { Fragment, KeyInput } from "../cut/fragment.ts";
import { type KeySet, unitedKeys } from "../exchange/key-set.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { QueryEffect } from "../schedule/query-events.ts";
import type { InputRef, TaskWork } from "../schedule/query-state.ts";
import type { Launch } from "../worker/messages.ts";
import { streamedFrom } from "../worker/run-root.ts";
import type { InputAt } from "../worker/task-codec.ts";
import type { QueryNotes } from "./collect-report.ts";
import type { Prepared } from "./prepare-query.ts";

type Launching = Extract<QueryEffect, { kind: "launch" }>;

/** What a worker is told of an attempt. */
export interface PreparedLaunch {
  readonly fragment: Fragment;
  readonly launch: Launch;
}

/**
 * From the scheduler's words to a worker's: where inputs are, every split that a task reads, what is known of keys. `addressOf` is the
 * present address of a node, `reports` are of the attempts that have finished.
 */
export const launchPreparation = (
  { plan, members, copies }: Prepared,
  addressOf: (nodeId: NodeId) => string,
  { reports }: Pick<QueryNotes, "reports">,
): ((effect: Launching) => PreparedLaunch) => {
  const [root] = plan.fragments;
  /** The fragment whose tasks wait for the root to read their rows. */
  const streamed = streamedFrom(root!);
  const united = new Map<string, KeySet | undefined>();

  /** What the attempts that count told of a fragment's keys; the same for the same attempts. */
  const keysTold = ({ from, key }: KeyInput, inputs: readonly InputRef[]): KeySet | undefined => {
    const attempts = inputs.filter(({ fragmentId }) => fragmentId === from).map(({ attemptId }) => attemptId);
    const name = `${key} ${attempts.join()} of ${from}`;
    if (!united.has(name)) united.set(name, unitedKeys(attempts.map((id) => reports.get(id)?.keySets?.[key])));
    return united.get(name);
  };
  const withAllSplits = (work: TaskWork, fragmentId: number): TaskWork => {
    if (work.kind !== "splits") return work;
    const own = work.items.flatMap((item) => members.get(item.split) ?? [item]);
    return { ...work, items: [...own, ...copies[fragmentId]!] };
  };
  const locate = (input: InputRef, work: TaskWork): InputAt => {
    const spread = plan.fragments[input.fragmentId]!.output.kind === "hash";
    assert(!spread || work.kind === "partition", `fragment ${input.fragmentId} is read whole`);
    const partition = spread && work.kind === "partition" ? work.index : undefined;
    return { ...input, address: addressOf(input.nodeId), partition };
  };

  return ({ fragmentId, taskId, attemptId, work, inputs }) => {
    const fragment = plan.fragments[fragmentId]!;
    const rows = inputs.filter((input) => fragment.inputs.some(({ from }) => from === input.fragmentId));
    const keySets = fragment.keyInputs?.map((told) => keysTold(told, inputs));
    return {
      fragment,
      launch: {
        fragmentId,
        taskId,
        attemptId,
        work: withAllSplits(work, fragmentId),
        inputs: rows.map((input) => locate(input, work)),
        ...(keySets !== undefined && { keySets }),
        streamed: fragmentId === streamed && fragment.keysOf === undefined,
      },
    };
  };
};
