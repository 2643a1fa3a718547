import type { JoinKey, PhysicalHashJoin, PhysicalJoinKind, PhysicalPlan } from "@headcut/plan";
import type { OpenFragment } from "./open-fragment.ts";

/**
 * Whether each task may have all of the build side and its part of the probe side: then it sees all matches of its
 * probe rows, but must say nothing of build rows by themselves. Or all of the probe side and its part of the build side.
 */
export const MAY_COPY: Readonly<Record<PhysicalJoinKind, { readonly build: boolean; readonly probe: boolean }>> = {
  inner: { build: true, probe: true },
  probeOuter: { build: true, probe: false },
  buildOuter: { build: false, probe: true },
  full: { build: false, probe: false },
  probeSemi: { build: true, probe: false },
  probeAnti: { build: true, probe: false },
  buildSemi: { build: false, probe: true },
  buildAnti: { build: false, probe: true },
  mark: { build: true, probe: false },
  single: { build: true, probe: false },
};

/** Rows with equal keys meet in one partition; NOT IN has to know of a NULL anywhere. */
export const mayPartition = ({ joinKind, keys, residual }: PhysicalHashJoin): boolean => {
  if (keys.length === 0) return false;
  const [key] = keys as readonly [JoinKey];
  const nullAware =
    joinKind === "mark" &&
    keys.length === 1 &&
    !key.nullSafe &&
    residual.kind === "constant" &&
    residual.value === true;
  return !nullAware || !(key.build.nullable || key.probe.nullable);
};

/** A way to run a join. */
export interface Choice {
  readonly costBytes: number;
  readonly make: () => OpenFragment;
}

/** The join with its sides as they are in a fragment. */
export type Joined = (build: PhysicalPlan, probe: PhysicalPlan) => PhysicalHashJoin;
