import type { JoinKind, PhysicalJoinKind } from "@headcut/plan";

export interface JoinSides {
  readonly joinKind: PhysicalJoinKind;
  readonly buildIsLeft: boolean;
}

/**
 * Building on the preserved side costs a pass over its table after probing, and rows come out in another order of
 * work; so it must be this much smaller to be worth it.
 */
const PRESERVED_SIDE_SHARE = 0.5;

/** Chooses which input is built into the hash table, and so the physical kind of the join. */
export const chooseSides = (joinKind: JoinKind, leftRows: number, rightRows: number): JoinSides => {
  const leftMuchSmaller = leftRows < rightRows * PRESERVED_SIDE_SHARE;
  const rightMuchSmaller = rightRows < leftRows * PRESERVED_SIDE_SHARE;
  const buildLeft = (kind: PhysicalJoinKind): JoinSides => ({ joinKind: kind, buildIsLeft: true });
  const buildRight = (kind: PhysicalJoinKind): JoinSides => ({ joinKind: kind, buildIsLeft: false });
  switch (joinKind) {
    case "inner":
      return leftRows < rightRows ? buildLeft("inner") : buildRight("inner");
    case "full":
      return leftRows < rightRows ? buildLeft("full") : buildRight("full");
    case "left":
      return leftMuchSmaller ? buildLeft("buildOuter") : buildRight("probeOuter");
    case "right":
      return rightMuchSmaller ? buildRight("buildOuter") : buildLeft("probeOuter");
    case "semi":
      return leftMuchSmaller ? buildLeft("buildSemi") : buildRight("probeSemi");
    case "anti":
      return leftMuchSmaller ? buildLeft("buildAnti") : buildRight("probeAnti");
    case "mark":
      return buildRight("mark");
    case "single":
      return buildRight("single");
  }
};
