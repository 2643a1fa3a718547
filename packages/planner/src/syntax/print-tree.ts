import { unreachable } from "@headcut/plan";
import { type Nested, printExpression, printIdentifier, printString, printType } from "./print-expression.ts";
import type * as tree from "./tree.ts";

/**
 * Any statement, query, table or expression as SQL on one line: keywords in capitals, one spelling for each meaning, and no
 * parentheses that the tree does not need. Parsing it again gives the same tree (but for ranges, and for the
 * name of `?` parameters, which print as `$1`, `$2`, …).
 */
export const printTree = (node: tree.Statement | tree.QueryBody | tree.TableRef | tree.Expression): string => {
  switch (node.kind) {
    case "query":
      return printQuery(node);
    case "select":
    case "values":
    case "setOperation":
      return printBody(node);
    case "explain": {
      const format = node.format === "text" ? "" : `(FORMAT ${node.format}) `;
      return `EXPLAIN ${node.analyze ? "ANALYZE " : ""}${format}${printTree(node.statement)}`;
    }
    case "describe":
      return `DESCRIBE ${node.target.kind === "qualifiedName" ? printName(node.target) : printTree(node.target)}`;
    case "showTables":
      return "SHOW TABLES";
    case "createTable":
      return `${createTable(node)} (${node.columns.map(printColumn).join(", ")})`;
    case "createTableAs":
      return `${createTable(node)}${printNames(node.columnNames)} AS ${printQuery(node.query)}`;
    case "dropTable":
      return `DROP TABLE ${node.ifExists ? "IF EXISTS " : ""}${printName(node.name)}`;
    case "insert":
      return `INSERT INTO ${printName(node.table)}${printNames(node.columns)} ${printQuery(node.query)}`;
    case "copy":
      return printCopy(node);
    case "namedTable":
    case "path":
    case "tableFunction":
    case "derivedTable":
    case "join":
      return printTable(node);
    default:
      return print(node);
  }
};

// ---- statements -----------------------------------------------------------------------------------------------------

const createTable = ({ orReplace, ifNotExists, name }: tree.CreateTable | tree.CreateTableAs): string =>
  `CREATE ${orReplace ? "OR REPLACE " : ""}TABLE ${ifNotExists ? "IF NOT EXISTS " : ""}${printName(name)}`;

const printColumn = ({ name, type, notNull }: tree.ColumnDefinition): string =>
  `${printIdentifier(name)} ${printType(type)}${notNull ? " NOT NULL" : ""}`;

const printCopy = ({ source, path, options }: tree.Copy): string => {
  const from = source.kind === "query" ? `(${printQuery(source)})` : printName(source);
  const list = options.length === 0 ? "" : ` (${options.map(printOption).join(", ")})`;
  return `COPY ${from} TO ${printString(path)}${list}`;
};

const printOption = ({ name, value }: tree.CopyOption): string => {
  if (value === undefined) return name;
  return `${name} ${typeof value === "string" ? printString(value) : String(value).toUpperCase()}`;
};

// ---- queries --------------------------------------------------------------------------------------------------------

const printQuery = (query: tree.Query): string =>
  clauses(
    query.with.length === 0 ? "" : `WITH ${query.with.map(printCommonTable).join(", ")}`,
    printBody(query.body),
    query.orderBy.length === 0 ? "" : printOrderBy(query.orderBy),
    query.limit === undefined ? "" : `LIMIT ${print(query.limit)}`,
    query.offset === undefined ? "" : `OFFSET ${print(query.offset)}`,
  );

const clauses = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");

const printCommonTable = ({ name, columns, materialized, query }: tree.CommonTable): string => {
  const hint = materialized === undefined ? "" : materialized ? "MATERIALIZED " : "NOT MATERIALIZED ";
  return `${printIdentifier(name)}${printNames(columns)} AS ${hint}(${printQuery(query)})`;
};

const printBody = (body: tree.QueryBody): string => {
  switch (body.kind) {
    case "select":
      return printSelect(body);
    case "values":
      return `VALUES ${body.rows.map((row) => `(${printList(row.items)})`).join(", ")}`;
    case "setOperation": {
      const own = setPrecedence(body);
      const operator = `${body.op.toUpperCase()}${body.all ? " ALL" : ""}`;
      return `${printOperand(body.left, own)} ${operator} ${printOperand(body.right, own + 1)}`;
    }
    case "query":
      return `(${printQuery(body)})`;
    default:
      return unreachable(body);
  }
};

/** INTERSECT binds tighter than UNION and EXCEPT; all associate to the left. */
const setPrecedence = ({ op }: tree.SetOperation): number => (op === "intersect" ? 2 : 1);

const printOperand = (body: tree.QueryBody, loosest: number): string =>
  body.kind === "setOperation" && setPrecedence(body) < loosest ? `(${printBody(body)})` : printBody(body);

const printSelect = (select: tree.Select): string =>
  clauses(
    "SELECT",
    select.distinct === undefined ? "" : printDistinct(select.distinct),
    select.items.map(printItem).join(", "),
    select.from.length === 0 ? "" : `FROM ${select.from.map(printTable).join(", ")}`,
    select.where === undefined ? "" : `WHERE ${print(select.where)}`,
    select.groupBy === undefined ? "" : printGroupBy(select.groupBy),
    select.having === undefined ? "" : `HAVING ${print(select.having)}`,
  );

const printDistinct = ({ on }: tree.Distinct): string =>
  on.length === 0 ? "DISTINCT" : `DISTINCT ON (${printList(on)})`;

const printGroupBy = (groupBy: tree.GroupBy): string =>
  groupBy.kind === "groupByAll" ? "GROUP BY ALL" : `GROUP BY ${printList(groupBy.expressions)}`;

const printItem = (item: tree.SelectItem): string => {
  if (item.kind === "selectExpression") {
    const text = print(item.expression);
    return item.alias === undefined ? text : `${text} AS ${printIdentifier(item.alias)}`;
  }
  const replacements = item.replace.map(({ expression, name }) => `${print(expression)} AS ${printIdentifier(name)}`);
  return clauses(
    item.qualifier === undefined ? "*" : `${printName(item.qualifier)}.*`,
    item.exclude.length === 0 ? "" : `EXCLUDE${printNames(item.exclude)}`,
    replacements.length === 0 ? "" : `REPLACE (${replacements.join(", ")})`,
  );
};

const printOrderBy = (items: readonly tree.OrderItem[]): string => `ORDER BY ${items.map(printOrder).join(", ")}`;

const printOrder = (item: tree.OrderItem): string =>
  clauses(
    item.kind === "orderAll" ? "ALL" : print(item.expression),
    item.direction?.toUpperCase() ?? "",
    item.nulls === undefined ? "" : `NULLS ${item.nulls.toUpperCase()}`,
  );

// ---- tables ---------------------------------------------------------------------------------------------------------

const printTable = (table: tree.TableRef): string => {
  switch (table.kind) {
    case "namedTable":
      return printName(table.name) + printAlias(table.alias);
    case "path":
      return printString(table.path) + printAlias(table.alias);
    case "tableFunction": {
      const named = table.namedArgs.map(({ name, value }) => `${printIdentifier(name)} := ${print(value)}`);
      const args = [...table.args.map(print), ...named].join(", ");
      return `${printIdentifier(table.name)}(${args})${printAlias(table.alias)}`;
    }
    case "derivedTable":
      return `${table.lateral ? "LATERAL " : ""}(${printQuery(table.query)})${printAlias(table.alias)}`;
    case "join":
      return printJoin(table);
    default:
      return unreachable(table);
  }
};

const printJoin = ({ joinKind, left, right, condition }: tree.Join): string => {
  const natural = condition?.kind === "natural" ? "NATURAL " : "";
  const kind = joinKind === "inner" ? "JOIN" : `${joinKind.toUpperCase()} JOIN`;
  const operand = right.kind === "join" ? `(${printJoin(right)})` : printTable(right);
  return clauses(printTable(left), natural + kind, operand, printCondition(condition));
};

const printCondition = (condition: tree.JoinCondition | undefined): string => {
  if (condition?.kind === "on") return `ON ${print(condition.predicate)}`;
  return condition?.kind === "using" ? `USING${printNames(condition.columns)}` : "";
};

const printAlias = (alias: tree.TableAlias | undefined): string =>
  alias === undefined ? "" : ` AS ${printIdentifier(alias.name)}${printNames(alias.columns)}`;

// ---- names and expressions ------------------------------------------------------------------------------------------

const printName = ({ parts }: tree.QualifiedName): string => parts.map(printIdentifier).join(".");

/** ` (a, b)`, or nothing for no names. */
const printNames = (names: readonly tree.Identifier[]): string =>
  names.length === 0 ? "" : ` (${names.map(printIdentifier).join(", ")})`;

const nested: Nested = { query: (query) => printQuery(query), orderBy: (items) => printOrderBy(items) };

const print = (expression: tree.Expression): string => printExpression(expression, nested);

const printList = (expressions: readonly tree.Expression[]): string => expressions.map(print).join(", ");
