import type {
  AggregateColumn,
  Column,
  DataType,
  Expression,
  LogicalPlan,
  SourceRange,
  Table,
  TypedValue,
} from "@headcut/plan";
import type { Operand } from "../functions/operand.ts";
import type * as tree from "../syntax/tree.ts";
import type { ColumnIds } from "./column-ids.ts";
import type { Scope } from "./scope.ts";

/** A table as a statement mentions it. */
export type TableReference =
  /** `orders`, `main.orders`: at least one part. */
  { readonly kind: "name"; readonly parts: readonly string[]; readonly range: SourceRange } | PathReference;

/** A file or glob: `FROM 'x.parquet'`, `read_parquet('x.parquet')`. */
export interface PathReference {
  readonly kind: "path";
  readonly path: string;
  readonly range: SourceRange;
}

/** What binding needs to know about the world. It does no I/O: tables have been resolved before (`referencedTables`). */
export interface BindContext {
  /** undefined when there is no such table; names compare without regard to case. */
  readonly lookupTable: (reference: TableReference) => Table | undefined;
  /** For hints and SHOW TABLES. */
  readonly tableNames: () => Iterable<string>;
  /** `$1` and `?` by position, or `$name` by its name in lower case. */
  readonly parameters: readonly TypedValue[] | Readonly<Record<string, TypedValue>>;
  /** What now() and current_date say: microseconds since 1970-01-01T00:00:00 UTC. */
  readonly nowMicros: bigint;
}

/** What all parts of one statement's binding share. */
export interface BindState {
  readonly context: BindContext;
  readonly ids: ColumnIds;
  /** Where bound column references stand in the text, for errors found later. */
  readonly places: WeakMap<Expression, SourceRange>;
  /** How often each common table is referenced. */
  readonly cteUses: ReadonlyMap<tree.CommonTable, number>;
  /** Expressions hold queries and queries hold expressions; each part of the binder reaches the others through these. */
  readonly bindExpression: (node: tree.Expression, env: ExpressionEnv) => Operand;
  readonly bindQuery: (node: tree.Query, env: QueryEnv) => QueryPlan;
}

/** A bound query inside a statement: its plan's columns are the query's, `names` what they are called. */
export interface QueryPlan {
  readonly plan: LogicalPlan;
  readonly names: readonly string[];
}

/** A common table in scope. */
export interface CteBinding {
  readonly node: tree.CommonTable;
  readonly name: string;
  readonly use: /** Bound anew for each reference, in the surroundings of its definition. */
    | { readonly kind: "inline"; readonly env: QueryEnv }
    /** Bound once; references read the columns of `cteId`. */
    | { readonly kind: "shared"; readonly cteId: number; readonly columns: readonly SharedColumn[] };
}

export interface SharedColumn {
  readonly id: number;
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The surroundings of a query: the common tables it sees, innermost first, and the query it is nested in. */
export interface QueryEnv {
  readonly state: BindState;
  readonly ctes: readonly CteBinding[];
  /** Where names that the query does not know are looked up: correlation. */
  readonly outer: ExpressionEnv | undefined;
}

/** The surroundings of an expression. */
export interface ExpressionEnv extends QueryEnv {
  readonly scope: Scope;
  /** For messages: `WHERE`, `GROUP BY`. */
  readonly clause: string;
  /** Joins that the expression's subqueries need below the operator that evaluates it. */
  readonly joins: SubqueryJoin[];
  /** Takes in the aggregates; undefined where there can be none. */
  readonly aggregates: AggregateSink | undefined;
  /** The expression of an output alias, for names that are no column. */
  readonly alias: ((name: string, env: ExpressionEnv) => Expression | undefined) | undefined;
  /** Expressions whose value is known to be a column: select items that GROUP BY names by alias or ordinal. */
  readonly known: ReadonlyMap<tree.Expression, Expression>;
  /** The expression may not be evaluated at all (a branch of CASE), so a constant that fails must not fail binding. */
  readonly lazy: boolean;
}

/** A mark or single join to be put on top of the plan whose columns the expression sees. */
export interface SubqueryJoin {
  readonly joinKind: "mark" | "single";
  readonly right: LogicalPlan;
  readonly condition: Expression;
  readonly mark: Column | undefined;
}

export interface AggregateSink {
  /** Where arguments are bound: the input of the aggregation. */
  readonly inputEnv: ExpressionEnv;
  readonly columns: AggregateColumn[];
  /** Whether groups can be empty: no GROUP BY, so that there is a row even for no input. */
  readonly emptyGroups: boolean;
}
