import { type ColumnId, columnRef, compare, type Expression } from "@headcut/plan";

/** The direct operands of an expression, in order. */
export const children = (expression: Expression): readonly Expression[] => {
  switch (expression.kind) {
    case "column":
    case "constant":
      return [];
    case "compare":
    case "arithmetic":
      return [expression.left, expression.right];
    case "and":
    case "or":
    case "call":
      return expression.args;
    case "not":
    case "isNull":
    case "negate":
    case "cast":
      return [expression.arg];
    case "case":
      return [...expression.branches.flatMap(({ when, then }) => [when, then]), expression.otherwise];
    case "inList":
      return [expression.arg, ...expression.list];
    case "like":
      return [expression.arg, expression.pattern];
  }
};

/** `items` with `f` applied; the very same array when nothing changed, so that identity tells "no change". */
export const mapList = <T>(items: readonly T[], f: (item: T) => T): readonly T[] => {
  let changed: T[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const before = items[i]!;
    const after = f(before);
    if (after !== before && changed === undefined) changed = items.slice();
    if (changed !== undefined) changed[i] = after;
  }
  return changed ?? items;
};

const anyNullable = (list: readonly Expression[]): boolean => list.some((item) => item.nullable);

/** NULL-ness of a call whose arguments changed: what the catalogue said, or worse when an argument became nullable. */
const callNullable = (before: Extract<Expression, { kind: "call" }>, args: readonly Expression[]): boolean =>
  before.nullable || args.some((arg, i) => arg.nullable && !before.args[i]!.nullable);

/** `WHEN x IS NOT NULL THEN x`, as COALESCE is written, cannot yield NULL. */
const branchNullable = ({ when, then }: { readonly when: Expression; readonly then: Expression }): boolean => {
  if (!then.nullable) return false;
  const guarded = when.kind === "not" && when.arg.kind === "isNull" ? when.arg.arg : undefined;
  return guarded === undefined || !sameExpression(guarded, then);
};

/**
 * The expression with `f` applied to its direct operands; the same object when none changed. `nullable` follows the
 * new operands.
 */
export const mapChildren = (expression: Expression, f: (child: Expression) => Expression): Expression => {
  switch (expression.kind) {
    case "column":
    case "constant":
      return expression;
    case "compare": {
      const left = f(expression.left);
      const right = f(expression.right);
      if (left === expression.left && right === expression.right) return expression;
      return compare(expression.op, left, right);
    }
    case "arithmetic": {
      const left = f(expression.left);
      const right = f(expression.right);
      if (left === expression.left && right === expression.right) return expression;
      const total = expression.op === "add" || expression.op === "sub" || expression.op === "mul";
      // Division and modulo may be NULL of their own accord (by zero).
      const nullable = left.nullable || right.nullable || (!total && expression.nullable);
      return { ...expression, left, right, nullable };
    }
    case "and":
    case "or": {
      const args = mapList(expression.args, f);
      return args === expression.args ? expression : { ...expression, args, nullable: anyNullable(args) };
    }
    case "call": {
      const args = mapList(expression.args, f);
      return args === expression.args ? expression : { ...expression, args, nullable: callNullable(expression, args) };
    }
    case "not":
    case "negate": {
      const arg = f(expression.arg);
      return arg === expression.arg ? expression : { ...expression, arg, nullable: arg.nullable };
    }
    case "isNull": {
      const arg = f(expression.arg);
      return arg === expression.arg ? expression : { ...expression, arg };
    }
    case "cast": {
      const arg = f(expression.arg);
      return arg === expression.arg ? expression : { ...expression, arg, nullable: arg.nullable || expression.try };
    }
    case "case": {
      const branches = mapList(expression.branches, (branch) => {
        const when = f(branch.when);
        const then = f(branch.then);
        return when === branch.when && then === branch.then ? branch : { when, then };
      });
      const otherwise = f(expression.otherwise);
      if (branches === expression.branches && otherwise === expression.otherwise) return expression;
      const nullable = otherwise.nullable || branches.some(branchNullable);
      return { ...expression, branches, otherwise, nullable };
    }
    case "inList": {
      const arg = f(expression.arg);
      const list = mapList(expression.list, f);
      if (arg === expression.arg && list === expression.list) return expression;
      return { ...expression, arg, list, nullable: arg.nullable || anyNullable(list) };
    }
    case "like": {
      const arg = f(expression.arg);
      const pattern = f(expression.pattern);
      if (arg === expression.arg && pattern === expression.pattern) return expression;
      return { ...expression, arg, pattern, nullable: arg.nullable || pattern.nullable };
    }
  }
};

/** Applies `f` to every node, operands first. */
export const transformUp = (expression: Expression, f: (node: Expression) => Expression): Expression =>
  f(mapChildren(expression, (child) => transformUp(child, f)));

const NO_COLUMNS: ReadonlySet<ColumnId> = new Set();
const freeColumnsMemo = new WeakMap<Expression, ReadonlySet<ColumnId>>();

/** The columns an expression refers to. Remembered per expression object: expressions never change. */
export const freeColumns = (expression: Expression): ReadonlySet<ColumnId> => {
  if (expression.kind === "constant") return NO_COLUMNS;
  const known = freeColumnsMemo.get(expression);
  if (known !== undefined) return known;
  const columns = new Set<ColumnId>();
  if (expression.kind === "column") columns.add(expression.id);
  else for (const child of children(expression)) for (const id of freeColumns(child)) columns.add(id);
  freeColumnsMemo.set(expression, columns);
  return columns;
};

/** Whether any of the expression's columns is in `ids`. */
export const refersTo = (expression: Expression, ids: { has(id: ColumnId): boolean }): boolean => {
  for (const id of freeColumns(expression)) if (ids.has(id)) return true;
  return false;
};

/** Whether all of the expression's columns are in `ids`. */
export const refersOnlyTo = (expression: Expression, ids: { has(id: ColumnId): boolean }): boolean => {
  for (const id of freeColumns(expression)) if (!ids.has(id)) return false;
  return true;
};

/** Replaces columns by expressions. Replacements are not looked into again. */
export const substitute = (expression: Expression, map: ReadonlyMap<ColumnId, Expression>): Expression => {
  if (map.size === 0 || !refersTo(expression, map)) return expression;
  if (expression.kind === "column") return map.get(expression.id) ?? expression;
  return mapChildren(expression, (child) => substitute(child, map));
};

/** A substitution that renames columns. */
export const renaming = (
  pairs: Iterable<readonly [ColumnId, Parameters<typeof columnRef>[0]]>,
): Map<ColumnId, Expression> => {
  const map = new Map<ColumnId, Expression>();
  for (const [id, column] of pairs) map.set(id, columnRef(column));
  return map;
};

/** Structural equality, blind to column names and to `nullable`. */
export const sameExpression = (a: Expression, b: Expression): boolean => {
  if (a === b) return true;
  if (a.kind === "column" && b.kind === "column") return a.id === b.id;
  return a.kind === b.kind && expressionKey(a) === expressionKey(b);
};

const keyMemo = new WeakMap<Expression, string>();

/** A string equal for structurally equal expressions (see `sameExpression`). */
export const expressionKey = (expression: Expression): string => {
  const known = keyMemo.get(expression);
  if (known !== undefined) return known;
  const key = makeKey(expression);
  keyMemo.set(expression, key);
  return key;
};

const makeKey = (expression: Expression): string => {
  if (expression.kind === "column") return `#${expression.id}`;
  const parts = children(expression).map(expressionKey).join(",");
  const { type } = expression;
  const typeKey = `${type.kind}${"scale" in type ? `${type.precision}.${type.scale}` : ""}${"unit" in type ? type.unit : ""}`;
  switch (expression.kind) {
    case "constant":
      return `${typeKey}:${constantKey(expression.value)}`;
    case "compare":
    case "arithmetic":
      return `${expression.op}:${typeKey}(${parts})`;
    case "call":
      return `${expression.name}:${typeKey}(${parts})`;
    case "cast":
      return `cast${expression.try}:${typeKey}${"utc" in type ? type.utc : ""}(${parts})`;
    case "like":
      return `like${expression.caseInsensitive}${JSON.stringify(expression.escape)}(${parts})`;
    case "and":
    case "or":
    case "not":
    case "isNull":
    case "negate":
    case "case":
    case "inList":
      return `${expression.kind}:${typeKey}(${parts})`;
  }
};

const constantKey = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === "bigint" ? `${item}n` : typeof item === "number" && !Number.isFinite(item) ? `${item}` : item,
  );
