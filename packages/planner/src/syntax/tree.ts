import type { SourceRange } from "@headcut/plan";

/**
 * The syntax tree: what the text says, before any name or type is known. Import it as a namespace
 * (`import type * as tree from "../syntax/tree.ts"`), since `Expression` and others exist bound in `@headcut/plan` too.
 * Every node has the range of the text it came from. `printTree` turns any node back into SQL.
 */
interface Node {
  readonly range: SourceRange;
}

// ---- names and types ------------------------------------------------------------------------------------------------

/** `name` as written, without quotes; names compare without regard to case, quoted or not (as DuckDB's do). */
export interface Identifier extends Node {
  readonly kind: "identifier";
  readonly name: string;
  readonly quoted: boolean;
}

/** `table`, `schema.table` or `catalog.schema.table`: at least one part. */
export interface QualifiedName extends Node {
  readonly kind: "qualifiedName";
  readonly parts: readonly Identifier[];
}

/** A type as written: upper-case words joined by one space (`DOUBLE PRECISION`), and `(15, 2)`. See `dataTypeOf`. */
export interface TypeName extends Node {
  readonly kind: "typeName";
  readonly name: string;
  readonly args: readonly number[];
}

// ---- statements -----------------------------------------------------------------------------------------------------

// biome-ignore format: a list of names
export type Statement =
  | Query | Explain | Describe | ShowTables | CreateTable | CreateTableAs | DropTable | Insert | Copy;

export interface Explain extends Node {
  readonly kind: "explain";
  readonly analyze: boolean;
  readonly format: "text" | "json";
  readonly statement: Statement;
}

/** Describes a table, a file (`DESCRIBE 'x.parquet'`) or the result of a query. */
export interface Describe extends Node {
  readonly kind: "describe";
  readonly target: QualifiedName | Path | Query;
}

export type ShowTables = Node & { readonly kind: "showTables" };

export interface ColumnDefinition extends Node {
  readonly kind: "columnDefinition";
  readonly name: Identifier;
  readonly type: TypeName;
  readonly notNull: boolean;
}

export interface CreateTable extends Node {
  readonly kind: "createTable";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
}

export interface CreateTableAs extends Node {
  readonly kind: "createTableAs";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  /** `CREATE TABLE t (a, b) AS …`; empty when the query names the columns. */
  readonly columnNames: readonly Identifier[];
  readonly query: Query;
}

export interface DropTable extends Node {
  readonly kind: "dropTable";
  readonly name: QualifiedName;
  readonly ifExists: boolean;
}

export interface Insert extends Node {
  readonly kind: "insert";
  readonly table: QualifiedName;
  /** Empty: all columns, in the table's order. */
  readonly columns: readonly Identifier[];
  /** `VALUES …` is a query whose body is `Values`. */
  readonly query: Query;
}

export interface Copy extends Node {
  readonly kind: "copy";
  readonly source: QualifiedName | Query;
  readonly path: string;
  readonly options: readonly CopyOption[];
}

/** `FORMAT parquet`, `HEADER`, `DELIMITER '|'`: the name in lower case; a bare word is a string value. */
export interface CopyOption extends Node {
  readonly kind: "copyOption";
  readonly name: string;
  readonly value: string | number | boolean | undefined;
}

// ---- queries --------------------------------------------------------------------------------------------------------

/** `WITH … body ORDER BY … LIMIT … OFFSET …`; a parenthesised query with such clauses of its own is a `Query` body. */
export interface Query extends Node {
  readonly kind: "query";
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
}

export type QueryBody = Select | Values | SetOperation | Query;

export interface CommonTable extends Node {
  readonly kind: "commonTable";
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly materialized: boolean | undefined;
  readonly query: Query;
}

export interface SetOperation extends Node {
  readonly kind: "setOperation";
  readonly op: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}

/** At least one row; whether the rows have one length is for binding to check. */
export interface Values extends Node {
  readonly kind: "values";
  readonly rows: readonly ValuesRow[];
}

export interface ValuesRow extends Node {
  readonly kind: "valuesRow";
  readonly items: readonly Expression[];
}

export interface Select extends Node {
  readonly kind: "select";
  readonly distinct: Distinct | undefined;
  /** `FROM t` alone means `*`. */
  readonly items: readonly SelectItem[];
  /** Separated by commas, each the left-to-right tree of its joins; empty for no FROM. */
  readonly from: readonly TableRef[];
  readonly where: Expression | undefined;
  readonly groupBy: GroupBy | undefined;
  readonly having: Expression | undefined;
}

/** `DISTINCT`, or `DISTINCT ON (…)` with at least one expression. */
export interface Distinct extends Node {
  readonly kind: "distinct";
  readonly on: readonly Expression[];
}

export type SelectItem = SelectExpression | Star;

export interface SelectExpression extends Node {
  readonly kind: "selectExpression";
  readonly expression: Expression;
  readonly alias: Identifier | undefined;
}

/** `*`, `t.*`, `* EXCLUDE (a)`, `* REPLACE (a + 1 AS a)`. */
export interface Star extends Node {
  readonly kind: "star";
  readonly qualifier: QualifiedName | undefined;
  readonly exclude: readonly Identifier[];
  readonly replace: readonly StarReplacement[];
}

export interface StarReplacement extends Node {
  readonly kind: "starReplacement";
  readonly expression: Expression;
  readonly name: Identifier;
}

/** `GROUP BY ALL`, or expressions; an integer literal is an ordinal. */
export type GroupBy = GroupByAll | GroupByList;

export type GroupByAll = Node & { readonly kind: "groupByAll" };

export interface GroupByList extends Node {
  readonly kind: "groupByList";
  readonly expressions: readonly Expression[];
}

/** An integer literal in a query's ORDER BY is an ordinal. `orderAll` (ORDER BY ALL) is always the only item. */
export type OrderItem = OrderExpression | OrderAll;

interface Order extends Node {
  readonly direction: "asc" | "desc" | undefined;
  readonly nulls: "first" | "last" | undefined;
}

export interface OrderExpression extends Order {
  readonly kind: "orderExpression";
  readonly expression: Expression;
}

export interface OrderAll extends Order {
  readonly kind: "orderAll";
}

// ---- tables in FROM -------------------------------------------------------------------------------------------------

export type TableRef = NamedTable | Path | TableFunction | DerivedTable | Join;

/** `AS t (a, b)`; `columns` may name fewer than the table has. */
export interface TableAlias extends Node {
  readonly kind: "tableAlias";
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
}

export interface NamedTable extends Node {
  readonly kind: "namedTable";
  readonly name: QualifiedName;
  readonly alias: TableAlias | undefined;
}

/** A file or glob as a string: `FROM 'data/*.parquet'`. */
export interface Path extends Node {
  readonly kind: "path";
  readonly path: string;
  readonly alias: TableAlias | undefined;
}

/** `read_parquet('…')`, `range(10)`, `generate_series(1, 10)`. */
export interface TableFunction extends Node {
  readonly kind: "tableFunction";
  readonly name: Identifier;
  readonly args: readonly Expression[];
  readonly namedArgs: readonly NamedArgument[];
  readonly alias: TableAlias | undefined;
}

/** `name = value` or `name := value` in a table function's arguments. */
export interface NamedArgument extends Node {
  readonly kind: "namedArgument";
  readonly name: Identifier;
  readonly value: Expression;
}

/** A subquery or VALUES in FROM. */
export interface DerivedTable extends Node {
  readonly kind: "derivedTable";
  readonly query: Query;
  readonly lateral: boolean;
  readonly alias: TableAlias | undefined;
}

export interface Join extends Node {
  readonly kind: "join";
  readonly joinKind: "inner" | "left" | "right" | "full" | "semi" | "anti" | "cross";
  readonly left: TableRef;
  readonly right: TableRef;
  /** undefined exactly for "cross". */
  readonly condition: JoinCondition | undefined;
}

export type JoinCondition = JoinOn | JoinUsing | JoinNatural;

export interface JoinOn extends Node {
  readonly kind: "on";
  readonly predicate: Expression;
}

export interface JoinUsing extends Node {
  readonly kind: "using";
  readonly columns: readonly Identifier[];
}

export type JoinNatural = Node & { readonly kind: "natural" };

// ---- expressions ----------------------------------------------------------------------------------------------------

// biome-ignore format: a list of names
export type Expression =
  | NumberLiteral | StringLiteral | BlobLiteral | BooleanLiteral | NullLiteral | TypedLiteral | IntervalLiteral
  | ColumnName | Parameter | Unary | Binary | Logical | Is | IsDistinct | Between | InList | InQuery | Like | Case
  | Cast | Extract | Call | Row | ScalarQuery | Exists | Quantified;

/** `text` without underscores. integer: digits only, of any size; decimal: `1.50`, `.5`; float: with an exponent. */
export interface NumberLiteral extends Node {
  readonly kind: "number";
  readonly form: "integer" | "decimal" | "float";
  readonly text: string;
}

/** Escapes and doubled quotes resolved. */
export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly value: string;
}

export interface BlobLiteral extends Node {
  readonly kind: "blob";
  readonly value: Uint8Array;
}

export interface BooleanLiteral extends Node {
  readonly kind: "boolean";
  readonly value: boolean;
}

export type NullLiteral = Node & { readonly kind: "null" };

/** `DATE '1995-01-01'`: the string is not checked yet. */
export interface TypedLiteral extends Node {
  readonly kind: "typedLiteral";
  readonly type: TypeName;
  readonly value: string;
}

// biome-ignore format: a list of names
export type IntervalUnit =
  | "microsecond" | "millisecond" | "second" | "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year"
  | "decade" | "century" | "millennium";

/** `INTERVAL '3' MONTH`, `INTERVAL 3 MONTH`, `INTERVAL (a + 1) DAY`; without a unit `value` is a string: `'1 year 2 days'`. */
export interface IntervalLiteral extends Node {
  readonly kind: "interval";
  readonly value: Expression;
  readonly unit: IntervalUnit | undefined;
}

/** `a`, `t.a`, `s.t.a`: what the parts mean is for binding to say. */
export interface ColumnName extends Node {
  readonly kind: "columnName";
  readonly parts: readonly Identifier[];
}

/** `?` (numbered from 1 in order of appearance in its statement), `$1`, or `$name` (in lower case). */
export interface Parameter extends Node {
  readonly kind: "parameter";
  readonly name: number | string;
}

export interface Unary extends Node {
  readonly kind: "unary";
  readonly op: "-" | "+" | "not";
  readonly operand: Expression;
}

export type CompareOp = "=" | "<>" | "<" | "<=" | ">" | ">=";
export type BinaryOp = CompareOp | "+" | "-" | "*" | "/" | "//" | "%" | "^" | "||";

/** `==`, `!=` and `**` are read as `=`, `<>` and `^`. */
export interface Binary extends Node {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: Expression;
  readonly right: Expression;
}

/** A run of one connective, flat: at least two operands. */
export interface Logical extends Node {
  readonly kind: "logical";
  readonly op: "and" | "or";
  readonly operands: readonly Expression[];
}

/** `IS [NOT] NULL | TRUE | FALSE | UNKNOWN`; also `ISNULL` and `NOTNULL`. */
export interface Is extends Node {
  readonly kind: "is";
  readonly operand: Expression;
  readonly test: "null" | "true" | "false" | "unknown";
  readonly negated: boolean;
}

/** `left IS DISTINCT FROM right`; negated: IS NOT DISTINCT FROM. */
export interface IsDistinct extends Node {
  readonly kind: "isDistinct";
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
}

export interface Between extends Node {
  readonly kind: "between";
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly symmetric: boolean;
  readonly negated: boolean;
}

export interface InList extends Node {
  readonly kind: "inList";
  readonly operand: Expression;
  readonly list: readonly Expression[];
  readonly negated: boolean;
}

/** `operand` is a `Row` for `(a, b) IN (SELECT …)`. */
export interface InQuery extends Node {
  readonly kind: "inQuery";
  readonly operand: Expression;
  readonly query: Query;
  readonly negated: boolean;
}

/** `~~`, `!~~`, `~~*` and `!~~*` are read as their LIKE and ILIKE. */
export interface Like extends Node {
  readonly kind: "like";
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | undefined;
  readonly caseInsensitive: boolean;
  readonly negated: boolean;
}

export interface Case extends Node {
  readonly kind: "case";
  /** Present in the simple form `CASE operand WHEN value …`. */
  readonly operand: Expression | undefined;
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expression | undefined;
}

export interface CaseBranch extends Node {
  readonly kind: "caseBranch";
  readonly when: Expression;
  readonly then: Expression;
}

/** `CAST(x AS type)`, `x::type`, and `TRY_CAST` with `try`. */
export interface Cast extends Node {
  readonly kind: "cast";
  readonly operand: Expression;
  readonly type: TypeName;
  readonly try: boolean;
}

/** `EXTRACT(field FROM operand)`; the field in lower case, not checked. */
export interface Extract extends Node {
  readonly kind: "extract";
  readonly field: string;
  readonly operand: Expression;
}

/**
 * A function or aggregate. Special forms are read as calls, as DuckDB does: SUBSTRING(x FROM a FOR b) as
 * `substring(x, a, b)`, POSITION(a IN b) as `position(b, a)`, TRIM(LEADING | TRAILING | BOTH c FROM x) as `ltrim`, `rtrim`
 * or `trim(x, c)`, `x AT TIME ZONE z` as `timezone(z, x)`, CURRENT_DATE as `current_date()`.
 */
export interface Call extends Node {
  readonly kind: "call";
  readonly name: Identifier;
  readonly args: readonly Expression[];
  /** `count(*)`: then `args` is empty. */
  readonly star: boolean;
  readonly distinct: boolean;
  /** `string_agg(x, ',' ORDER BY y)`. */
  readonly orderBy: readonly OrderItem[];
  /** `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`. */
  readonly withinGroup: readonly OrderItem[];
  readonly filter: Expression | undefined;
}

/** `(a, b)` or `ROW(a)`: at least one item. */
export interface Row extends Node {
  readonly kind: "row";
  readonly items: readonly Expression[];
}

export interface ScalarQuery extends Node {
  readonly kind: "scalarQuery";
  readonly query: Query;
}

export interface Exists extends Node {
  readonly kind: "exists";
  readonly query: Query;
}

/** `operand op ANY (query)`, SOME being ANY. */
export interface Quantified extends Node {
  readonly kind: "quantified";
  readonly op: CompareOp;
  readonly quantifier: "any" | "all";
  readonly operand: Expression;
  readonly query: Query;
}
