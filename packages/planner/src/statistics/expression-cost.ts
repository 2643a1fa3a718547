import type { Expression } from "@headcut/plan";
import { children } from "../traverse/expression.ts";

/** Relative cost of evaluating an expression for one row; comparing two numbers is 1. */
export const expressionCost = (expression: Expression): number => {
  const below = children(expression).reduce((sum, child) => sum + expressionCost(child), 0);
  switch (expression.kind) {
    case "column":
      return expression.type.kind === "varchar" || expression.type.kind === "blob" ? 2 : 0.2;
    case "constant":
      return 0;
    case "like":
      return below + 20;
    case "call":
      return below + 5;
    case "compare":
    case "and":
    case "or":
    case "not":
    case "isNull":
    case "arithmetic":
    case "negate":
    case "case":
    case "cast":
    case "inList":
      return below + 1;
  }
};
