import { type ColumnId, type Expression, unreachable } from "@headcut/plan";

/** The columns the expressions refer to. */
export const expressionColumns = (...expressions: readonly Expression[]): Set<ColumnId> => {
  const found = new Set<ColumnId>();
  for (const expression of expressions) visit(expression, found);
  return found;
};

const visit = (expression: Expression, found: Set<ColumnId>): void => {
  switch (expression.kind) {
    case "column":
      found.add(expression.id);
      return;
    case "constant":
      return;
    case "compare":
    case "arithmetic":
      visit(expression.left, found);
      visit(expression.right, found);
      return;
    case "and":
    case "or":
    case "call":
      for (const arg of expression.args) visit(arg, found);
      return;
    case "not":
    case "isNull":
    case "negate":
    case "cast":
      visit(expression.arg, found);
      return;
    case "case":
      for (const { when, then } of expression.branches) {
        visit(when, found);
        visit(then, found);
      }
      visit(expression.otherwise, found);
      return;
    case "inList":
      visit(expression.arg, found);
      for (const item of expression.list) visit(item, found);
      return;
    case "like":
      visit(expression.arg, found);
      visit(expression.pattern, found);
      return;
    default:
      unreachable(expression);
  }
};
