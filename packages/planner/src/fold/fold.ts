import { and, type CompareOp, constant, type Expression, FALSE, not, or, QueryError, TRUE } from "@headcut/plan";
import { scalarFunction } from "../functions/catalogue.ts";
import { children, mapChildren } from "../traverse/expression.ts";
import { evaluateConstant } from "./evaluate.ts";
import { literalPattern } from "./evaluate-like.ts";
import { compareWithDate } from "./unwrap-cast.ts";

/**
 * The expression with its constant parts computed and its logic simplified. It has the same value for every row, the
 * same type, and is never more nullable. A part that would fail when computed is left as it is, so that it fails if and
 * when a row gets there.
 */
export const fold = (expression: Expression): Expression => {
  const mapped = mapChildren(expression, fold);
  const folded = simplify(mapped);
  // mapChildren may not see what binding saw (COALESCE as CASE).
  return folded.nullable && !expression.nullable ? { ...folded, nullable: false } : folded;
};

const isTrue = (node: Expression): boolean => node.kind === "constant" && node.value === true;
const isFalse = (node: Expression): boolean => node.kind === "constant" && node.value === false;
const isNullConstant = (node: Expression): boolean => node.kind === "constant" && node.value === null;

const simplify = (node: Expression): Expression => {
  switch (node.kind) {
    case "column":
    case "constant":
      return node;
    case "and":
      return simplifyAnd(node.args);
    case "or":
      return simplifyOr(node.args);
    case "not":
      return simplifyNot(node.arg) ?? computed(node);
    case "isNull":
      return node.arg.nullable ? computed(node) : FALSE;
    case "case":
      return simplifyCase(node);
    case "compare":
      return simplifyCompare(node);
    case "like":
      return simplifyLike(node);
    case "arithmetic":
    case "negate":
      return children(node).some(isNullConstant) ? constant(node.type, null) : computed(node);
    case "call":
      return isStrict(node.name) && node.args.some(isNullConstant) ? constant(node.type, null) : computed(node);
    case "cast":
    case "inList":
      return computed(node);
  }
};

const isStrict = (name: string): boolean => scalarFunction(name)?.nulls === "strict";

/** The value of a node whose operands are constants. */
const computed = (node: Expression): Expression => {
  if (!children(node).every((child) => child.kind === "constant")) return node;
  try {
    const result = evaluateConstant(node);
    return result === undefined ? node : constant(result.type, result.value);
  } catch (error) {
    if (error instanceof QueryError) return node;
    throw error;
  }
};

const nullBoolean = constant(TRUE.type, null);

const simplifyAnd = (args: readonly Expression[]): Expression => {
  const flat = args.flatMap((arg) => (arg.kind === "and" ? arg.args : [arg]));
  if (flat.some(isFalse)) return FALSE;
  const kept = flat.filter((arg) => !isTrue(arg));
  return kept.length > 0 && kept.every(isNullConstant) ? nullBoolean : and(...kept);
};

const simplifyOr = (args: readonly Expression[]): Expression => {
  const flat = args.flatMap((arg) => (arg.kind === "or" ? arg.args : [arg]));
  if (flat.some(isTrue)) return TRUE;
  const kept = flat.filter((arg) => !isFalse(arg));
  return kept.length > 0 && kept.every(isNullConstant) ? nullBoolean : or(...kept);
};

/** The comparison that is true exactly where the first is false. */
const OPPOSITE: Readonly<Record<CompareOp, CompareOp>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
  distinct: "notDistinct",
  notDistinct: "distinct",
};

const simplifyNot = (arg: Expression): Expression | undefined => {
  if (arg.kind === "not") return arg.arg;
  return arg.kind === "compare" ? { ...arg, op: OPPOSITE[arg.op] } : undefined;
};

/** Branches that cannot be taken go; one that always is ends the list. */
const simplifyCase = (node: Expression & { readonly kind: "case" }): Expression => {
  const branches: { when: Expression; then: Expression }[] = [];
  let { otherwise } = node;
  for (const branch of node.branches) {
    if (isFalse(branch.when) || isNullConstant(branch.when)) continue;
    if (isTrue(branch.when)) {
      otherwise = branch.then;
      break;
    }
    branches.push(branch);
  }
  if (branches.length === 0) return otherwise;
  if (branches.length === node.branches.length && otherwise === node.otherwise) return node;
  const nullable = otherwise.nullable || branches.some(({ then }) => then.nullable);
  return { ...node, branches, otherwise, nullable };
};

const simplifyCompare = (node: Expression & { readonly kind: "compare" }): Expression => {
  const { op, left, right } = node;
  if (op === "distinct" || op === "notDistinct") return computed(node);
  if (isNullConstant(left) || isNullConstant(right)) return nullBoolean;
  if (op === "eq" && left.type.kind === "boolean") {
    if (isTrue(right)) return left;
    if (isTrue(left)) return right;
    if (isFalse(right)) return simplifyNot(left) ?? not(left);
    if (isFalse(left)) return simplifyNot(right) ?? not(right);
  }
  return compareWithDate(node) ?? computed(node);
};

/** A pattern without wildcards is a plain comparison. */
const simplifyLike = (node: Expression & { readonly kind: "like" }): Expression => {
  const { arg, pattern } = node;
  if (isNullConstant(arg) || isNullConstant(pattern)) return nullBoolean;
  if (arg.kind === "constant" || pattern.kind !== "constant" || node.caseInsensitive) return computed(node);
  let text: string | undefined;
  try {
    text = literalPattern(pattern.value as string, node.escape);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
  }
  if (text === undefined) return node;
  const right = constant(pattern.type, text);
  return { kind: "compare", op: "eq", left: arg, right, type: node.type, nullable: arg.nullable };
};
