import type * as tree from "../syntax/tree.ts";
import type { PathReference, TableReference } from "./bind-context.ts";

/** Functions in FROM that read files: their first argument is a path. */
export const FILE_FUNCTIONS: ReadonlySet<string> = new Set(["read_parquet", "parquet_scan"]);

interface CteEnv {
  readonly node: tree.CommonTable;
  readonly next: CteEnv | undefined;
}

interface Found {
  readonly tables: TableReference[];
  readonly uses: Map<tree.CommonTable, number>;
}

const isNode = (value: unknown): value is { readonly kind: string } =>
  typeof value === "object" && value !== null && "kind" in value;

const visitAll = (values: Iterable<unknown>, env: CteEnv | undefined, found: Found): void => {
  for (const value of values) {
    if (Array.isArray(value)) visitAll(value, env, found);
    else if (isNode(value)) visit(value as AnyNode, env, found);
  }
};

/** Any node: those that matter here by their kind, the rest by whatever they hold. */
type AnyNode = tree.Query | tree.NamedTable | tree.Path | tree.TableFunction | { readonly kind: "other" };

const visit = (node: AnyNode, env: CteEnv | undefined, found: Found): void => {
  switch (node.kind) {
    case "query": {
      let inner = env;
      for (const common of node.with) {
        visit(common.query, inner, found);
        inner = { node: common, next: inner };
      }
      visitAll([node.body, node.orderBy, node.limit, node.offset], inner, found);
      return;
    }
    case "namedTable": {
      const cte = node.name.parts.length === 1 ? commonTable(node.name.parts[0]!.name, env) : undefined;
      if (cte !== undefined) found.uses.set(cte, (found.uses.get(cte) ?? 0) + 1);
      else found.tables.push(nameReference(node.name));
      return;
    }
    case "path":
      found.tables.push({ kind: "path", path: node.path, range: node.range });
      return;
    case "tableFunction": {
      const path = filePath(node);
      if (path !== undefined) found.tables.push(path);
      visitAll([node.args, node.namedArgs], env, found);
      return;
    }
    default:
      visitAll(Object.values(node), env, found);
  }
};

const commonTable = (name: string, env: CteEnv | undefined): tree.CommonTable | undefined => {
  for (let at = env; at !== undefined; at = at.next) {
    if (at.node.name.name.toLowerCase() === name.toLowerCase()) return at.node;
  }
  return undefined;
};

/** The file that `read_parquet('…')` reads. */
export const filePath = (node: tree.TableFunction): PathReference | undefined => {
  const argument = node.args[0];
  if (!FILE_FUNCTIONS.has(node.name.name.toLowerCase()) || argument?.kind !== "string") return undefined;
  return { kind: "path", path: argument.value, range: argument.range };
};

export const nameReference = (name: tree.QualifiedName): TableReference => ({
  kind: "name",
  parts: name.parts.map((part) => part.name),
  range: name.range,
});

const search = (statement: tree.Statement): Found => {
  const found: Found = { tables: [], uses: new Map() };
  visitStatement(statement, found);
  return found;
};

const visitStatement = (statement: tree.Statement, found: Found): void => {
  switch (statement.kind) {
    case "explain":
      visitStatement(statement.statement, found);
      return;
    case "describe":
      if (statement.target.kind === "qualifiedName") found.tables.push(nameReference(statement.target));
      else visit(statement.target, undefined, found);
      return;
    case "insert":
      found.tables.push(nameReference(statement.table));
      visit(statement.query, undefined, found);
      return;
    case "copy":
      if (statement.source.kind === "qualifiedName") found.tables.push(nameReference(statement.source));
      else visit(statement.source, undefined, found);
      return;
    case "query":
      visit(statement, undefined, found);
      return;
    case "createTableAs":
      visit(statement.query, undefined, found);
      return;
    case "showTables":
    case "createTable":
    case "dropTable":
      return;
  }
};

/** The tables and files a statement reads or inserts into, each mention once, without its common tables. */
export const referencedTables = (statement: tree.Statement): readonly TableReference[] => search(statement).tables;

/** How often each common table of the statement is mentioned. */
export const commonTableUses = (statement: tree.Statement): ReadonlyMap<tree.CommonTable, number> =>
  search(statement).uses;
