import type { Expression } from "@headcut/plan";

/** Whether evaluating the expression may raise an error for some value: all but the plainest may. */
export const mayFail = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "column":
    case "constant":
      return false;
    case "compare":
      return mayFail(expression.left) || mayFail(expression.right);
    case "and":
    case "or":
      return expression.args.some(mayFail);
    case "not":
    case "isNull":
      return mayFail(expression.arg);
    case "inList":
      return mayFail(expression.arg) || expression.list.some(mayFail);
    case "like":
      return mayFail(expression.arg) || mayFail(expression.pattern);
    default:
      return true;
  }
};
