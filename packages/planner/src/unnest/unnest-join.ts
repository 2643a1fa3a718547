import {
  and,
  type Column,
  compare,
  conjuncts,
  type Expression,
  isNull,
  type LogicalJoin,
  type LogicalPlan,
  TRUE,
  unreachable,
} from "@headcut/plan";
import { refersTo, substitute } from "../traverse/expression.ts";
import { columnsOf } from "../traverse/plan.ts";
import { asEquality } from "./links.ts";
import { domainLinks, passAll, represent, type Unnested, type Unnesting, withDomain } from "./unnested.ts";

/** `predicate IS TRUE`: what a filter makes of NULL, for places that keep it apart from FALSE. */
export const isTrue = (predicate: Expression): Expression =>
  predicate.nullable ? compare("notDistinct", predicate, TRUE) : predicate;

interface Condition {
  readonly local: readonly Expression[];
  /** Conjuncts that refer to outer columns. */
  readonly correlated: readonly Expression[];
}

const splitCorrelated = (condition: Expression, { outer }: Unnesting): Condition => {
  const parts = conjuncts(condition);
  return {
    local: parts.filter((part) => !refersTo(part, outer)),
    correlated: parts.filter((part) => refersTo(part, outer)),
  };
};

/** An ordinary join inside a dependent join's right side, of which either input may be correlated. */
export const unnestJoin = (plan: LogicalJoin, unnesting: Unnesting): Unnested => {
  const left = unnesting.descend(plan.left);
  const right = unnesting.descend(plan.right);
  const condition = splitCorrelated(plan.condition, unnesting);
  switch (plan.joinKind) {
    case "inner":
      return innerJoin(plan, left, right, condition, unnesting);
    case "left":
    case "semi":
    case "anti":
    case "mark":
      return preserving(plan, left, right, condition, unnesting);
    case "single":
      // Only bindings that exist may raise the error of a second match.
      return preserving(plan, left.links.length > 0 ? withDomain(left, unnesting) : left, right, condition, unnesting);
    case "right": {
      const mirrored: LogicalJoin = { ...plan, joinKind: "left", left: plan.right, right: plan.left };
      return preserving(mirrored, right, left, condition, unnesting);
    }
    case "full":
      return fullJoin(plan, left, right, condition, unnesting);
    default:
      return unreachable(plan.joinKind);
  }
};

/** Links of both inputs hold for the join's rows; equal bindings are also asked for here, where they make a key. */
const innerJoin = (
  plan: LogicalJoin,
  left: Unnested,
  right: Unnested,
  { local, correlated }: Condition,
  { outer }: Unnesting,
): Unnested => {
  const shared: Expression[] = [];
  for (const rightLink of right.links) {
    const a = asEquality(rightLink, outer);
    if (a?.outer.kind !== "column") continue;
    const id = a.outer.id;
    for (const leftLink of left.links) {
      const b = asEquality(leftLink, outer);
      if (b?.outer.kind !== "column" || b.outer.id !== id) continue;
      shared.push(compare(a.nullSafe && b.nullSafe ? "notDistinct" : "eq", b.inner, a.inner));
      break;
    }
  }
  return {
    plan: { ...plan, left: left.plan, right: right.plan, condition: and(...local, ...shared) },
    links: [...left.links, ...right.links, ...correlated],
  };
};

/** Joins that keep the left side's rows: what ties the right side to a binding must be part of the condition. */
const preserving = (
  plan: LogicalJoin,
  left: Unnested,
  right: Unnested,
  { local, correlated }: Condition,
  unnesting: Unnesting,
): Unnested => {
  const kept = represent(left, [...right.links, ...correlated], unnesting);
  const inner = (parts: readonly Expression[]) => parts.map((part) => substitute(part, kept.map));
  const links = plan.joinKind === "mark" ? inner(right.links).map(isTrue) : inner(right.links);
  return {
    plan: { ...plan, left: kept.plan, right: right.plan, condition: and(...local, ...inner(correlated), ...links) },
    links: kept.links,
  };
};

/** Both sides may be padded, so both carry the domain and the binding is whichever side has it. */
const fullJoin = (
  plan: LogicalJoin,
  left: Unnested,
  right: Unnested,
  { local, correlated }: Condition,
  unnesting: Unnesting,
): Unnested => {
  const a = withDomain(left, unnesting);
  const b = withDomain(right, unnesting);
  const bindings = new Map<number, Column>();
  const chosen: { id: number; name: string; expression: Expression }[] = [];
  const same: Expression[] = [];
  for (const [outerId, ofLeft] of a.map) {
    const ofRight = b.map.get(outerId)!;
    same.push(compare("notDistinct", ofLeft, ofRight));
    const { type } = ofLeft;
    const id = unnesting.ids.next();
    const name = ofLeft.kind === "column" ? ofLeft.name : "binding";
    bindings.set(outerId, { id, name, type, nullable: true });
    chosen.push({ id, name, expression: firstNotNull(ofLeft, ofRight) });
  }
  const condition = and(...local, ...correlated.map((part) => substitute(part, a.map)), ...same);
  const joined: LogicalPlan = { ...plan, left: a.plan, right: b.plan, condition };
  return {
    plan: { kind: "project", input: joined, projections: [...passAll(columnsOf(joined)), ...chosen] },
    links: domainLinks({ plan: joined, columns: bindings }),
  };
};

const firstNotNull = (a: Expression, b: Expression): Expression => ({
  kind: "case",
  // biome-ignore lint/suspicious/noThenProperty: a branch of the shared expression type.
  branches: [{ when: isNull({ ...a, nullable: true }), then: { ...b, nullable: true } }],
  otherwise: { ...a, nullable: true },
  type: a.type,
  nullable: true,
});
