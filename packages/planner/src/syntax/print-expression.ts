import { unreachable } from "@headcut/plan";
import { opPrecedence, PRECEDENCE } from "./precedence.ts";
import type * as tree from "./tree.ts";

/** What expressions hold that is not an expression: printed by the caller, so that the two printers need not know each other. */
export interface Nested {
  readonly query: (query: tree.Query) => string;
  readonly orderBy: (items: readonly tree.OrderItem[]) => string;
}

/** The expression as SQL, with parentheses only where the tree needs them. */
export const printExpression = (expression: tree.Expression, nested: Nested): string => {
  /** In parentheses if it binds more loosely than `loosest`. */
  const at = (node: tree.Expression, loosest: number): string => {
    const text = print(node);
    return precedenceOf(node) < loosest ? `(${text})` : text;
  };
  const any = (node: tree.Expression): string => print(node);
  const list = (nodes: readonly tree.Expression[]): string => nodes.map(any).join(", ");
  const subquery = (query: tree.Query): string => `(${nested.query(query)})`;
  const not = (negated: boolean): string => (negated ? "NOT " : "");

  const print = (node: tree.Expression): string => {
    switch (node.kind) {
      case "number":
        return node.text;
      case "string":
        return printString(node.value);
      case "blob":
        return `x'${Buffer.from(node.value).toString("hex").toUpperCase()}'`;
      case "boolean":
        return node.value ? "TRUE" : "FALSE";
      case "null":
        return "NULL";
      case "typedLiteral":
        return `${printType(node.type)} ${printString(node.value)}`;
      case "interval":
        return printInterval(node, any(node.value));
      case "columnName":
        return node.parts.map(printIdentifier).join(".");
      case "parameter":
        return `$${node.name}`;
      case "unary":
        return printUnary(node.op, at(node.operand, node.op === "not" ? PRECEDENCE.not : PRECEDENCE.sign));
      case "binary":
        return printBinary(node);
      case "logical": {
        const loosest = node.op === "and" ? PRECEDENCE.not : PRECEDENCE.and;
        return node.operands.map((operand) => at(operand, loosest)).join(` ${node.op.toUpperCase()} `);
      }
      case "is":
        return `${at(node.operand, PRECEDENCE.compare)} IS ${not(node.negated)}${node.test.toUpperCase()}`;
      case "isDistinct": {
        const right = at(node.right, PRECEDENCE.range);
        return `${at(node.left, PRECEDENCE.range)} IS ${not(node.negated)}DISTINCT FROM ${right}`;
      }
      case "between": {
        const operator = `${not(node.negated)}BETWEEN ${node.symmetric ? "SYMMETRIC " : ""}`;
        return `${single(node.operand)} ${operator}${single(node.low)} AND ${single(node.high)}`;
      }
      case "inList":
        return `${single(node.operand)} ${not(node.negated)}IN (${list(node.list)})`;
      case "inQuery":
        return `${single(node.operand)} ${not(node.negated)}IN ${subquery(node.query)}`;
      case "like": {
        const escapedBy = node.escape === undefined ? "" : ` ESCAPE ${single(node.escape)}`;
        const operator = not(node.negated) + (node.caseInsensitive ? "ILIKE" : "LIKE");
        return `${single(node.operand)} ${operator} ${single(node.pattern)}${escapedBy}`;
      }
      case "case":
        return printCase(node);
      case "cast":
        return `${node.try ? "TRY_CAST" : "CAST"}(${any(node.operand)} AS ${printType(node.type)})`;
      case "extract":
        return `EXTRACT(${printString(node.field)} FROM ${any(node.operand)})`;
      case "call":
        return printCall(node);
      case "row":
        return node.items.length === 1 ? `ROW(${list(node.items)})` : `(${list(node.items)})`;
      case "scalarQuery":
        return subquery(node.query);
      case "exists":
        return `EXISTS ${subquery(node.query)}`;
      case "quantified": {
        const left = at(node.operand, PRECEDENCE.range);
        return `${left} ${node.op} ${node.quantifier.toUpperCase()} ${subquery(node.query)}`;
      }
      default:
        return unreachable(node);
    }
  };

  /** As an operand of BETWEEN, IN and LIKE. */
  const single = (node: tree.Expression): string => at(node, PRECEDENCE.other);

  const printBinary = (node: tree.Binary): string => {
    const precedence = opPrecedence(node.op);
    // Comparisons do not chain; the others associate to the left.
    const left = at(node.left, precedence === PRECEDENCE.compare ? precedence + 1 : precedence);
    return `${left} ${node.op} ${at(node.right, precedence + 1)}`;
  };

  const printCase = (node: tree.Case): string => {
    const operand = node.operand === undefined ? "" : ` ${any(node.operand)}`;
    const branches = node.branches.map(({ when, then }) => ` WHEN ${any(when)} THEN ${any(then)}`).join("");
    const otherwise = node.otherwise === undefined ? "" : ` ELSE ${any(node.otherwise)}`;
    return `CASE${operand}${branches}${otherwise} END`;
  };

  const printCall = (node: tree.Call): string => {
    const name = printIdentifier(node.name);
    const [whole, part] = node.args;
    if (name.toLowerCase() === "position" && whole !== undefined && part !== undefined) {
      return `${name}(${single(part)} IN ${any(whole)})`;
    }
    const args = node.star ? "*" : `${node.distinct ? "DISTINCT " : ""}${list(node.args)}`;
    const orderBy = node.orderBy.length === 0 ? "" : ` ${nested.orderBy(node.orderBy)}`;
    const within = node.withinGroup.length === 0 ? "" : ` WITHIN GROUP (${nested.orderBy(node.withinGroup)})`;
    const filter = node.filter === undefined ? "" : ` FILTER (WHERE ${any(node.filter)})`;
    return `${name}(${args}${orderBy})${within}${filter}`;
  };

  return print(expression);
};

const precedenceOf = (node: tree.Expression): number => {
  switch (node.kind) {
    case "logical":
      return node.op === "or" ? PRECEDENCE.or : PRECEDENCE.and;
    case "unary":
      return node.op === "not" ? PRECEDENCE.not : PRECEDENCE.sign;
    case "is":
    case "isDistinct":
      return PRECEDENCE.is;
    case "binary":
      return opPrecedence(node.op);
    case "quantified":
      return PRECEDENCE.compare;
    case "between":
    case "inList":
    case "inQuery":
    case "like":
      return PRECEDENCE.range;
    default:
      return PRECEDENCE.postfix;
  }
};

/** A second minus directly after the first would begin a comment. */
const printUnary = (op: tree.Unary["op"], operand: string): string => {
  if (op === "not") return `NOT ${operand}`;
  return operand.startsWith(op) ? `${op} ${operand}` : `${op}${operand}`;
};

const printInterval = ({ value, unit }: tree.IntervalLiteral, text: string): string => {
  const amount = value.kind === "string" || (value.kind === "number" && unit !== undefined) ? text : `(${text})`;
  return unit === undefined ? `INTERVAL ${amount}` : `INTERVAL ${amount} ${unit.toUpperCase()}`;
};

export const printString = (value: string): string => `'${value.replaceAll("'", "''")}'`;

export const printIdentifier = ({ name, quoted }: tree.Identifier): string =>
  quoted ? `"${name.replaceAll('"', '""')}"` : name;

export const printType = ({ name, args }: tree.TypeName): string => {
  if (args.length === 0) return name;
  const [first = "", ...zone] = name.split(" WITH");
  return `${first}(${args.join(", ")})${zone.map((rest) => ` WITH${rest}`).join("")}`;
};
