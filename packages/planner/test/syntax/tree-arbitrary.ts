import fc, { type Arbitrary } from "fast-check";
import type * as tree from "../../src/syntax/tree.ts";

// Trees as the parser makes them, for property tests. Ranges are all empty.

const range = { start: 0, end: 0 };
const some = <T>(item: Arbitrary<T>, minLength = 1): Arbitrary<T[]> => fc.array(item, { minLength, maxLength: 3 });
const maybe = <T>(item: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(item, { nil: undefined, freq: 2 });
const node = <K extends string, T extends object>(kind: K, fields: { [Key in keyof T]: Arbitrary<T[Key]> }) =>
  fc.record(fields).map((record) => ({ kind, ...record, range }) as { kind: K; range: typeof range } & T);

const plainName = fc.constantFrom("a", "b", "Tbl", "value", "year", "first", "key", "größe", "_x1", "date");
const identifier: Arbitrary<tree.Identifier> = fc.oneof(
  node("identifier", { name: plainName, quoted: fc.constant(false) }),
  node("identifier", { name: fc.string({ minLength: 1, unit: "binary" }), quoted: fc.constant(true) }),
  node("identifier", { name: fc.constantFrom("select", 'say "hi"', "a b"), quoted: fc.constant(true) }),
);
const names = some(identifier);
const qualifiedName: Arbitrary<tree.QualifiedName> = node("qualifiedName", { parts: names });
const alias: Arbitrary<tree.TableAlias | undefined> = maybe(
  node("tableAlias", { name: identifier, columns: some(identifier, 0) }),
);

const typeName: Arbitrary<tree.TypeName> = fc
  .constantFrom<[string, number[]][]>(
    ["INTEGER", []],
    ["DECIMAL", [10, 2]],
    ["VARCHAR", [5]],
    ["DOUBLE PRECISION", []],
    ["CHARACTER VARYING", [3]],
    ["TIMESTAMP WITH TIME ZONE", []],
    ["TIMESTAMP WITHOUT TIME ZONE", [3]],
    ["INTERVAL", []],
  )
  .map(([name, args]) => ({ kind: "typeName", name, args, range }));

const string: Arbitrary<tree.StringLiteral> = node("string", { value: fc.string({ unit: "binary" }) });
const digits = fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String);
const integer: Arbitrary<tree.NumberLiteral> = node("number", { form: fc.constant("integer" as const), text: digits });
const number: Arbitrary<tree.NumberLiteral> = fc.oneof(
  integer,
  node("number", {
    form: fc.constant("decimal" as const),
    text: fc.tuple(digits, fc.constantFrom("", "0", "25")).map((parts) => parts.join(".")),
  }),
  node("number", { form: fc.constant("float" as const), text: fc.constantFrom("1e10", "1.5E-3", ".5e+2") }),
);
const unit = fc.constantFrom<tree.IntervalUnit>("day", "month", "year", "microsecond", "century");
const typedLiteral: Arbitrary<tree.TypedLiteral> = node("typedLiteral", {
  type: fc
    .constantFrom<[string, number[]]>(["DATE", []], ["DECIMAL", [5, 2]], ["TIMESTAMP WITH TIME ZONE", []])
    .map(([name, args]): tree.TypeName => ({ kind: "typeName", name, args, range })),
  value: fc.string(),
});

const negated = fc.boolean();
const compareOp = fc.constantFrom<tree.CompareOp>("=", "<>", "<", "<=", ">", ">=");
const binaryOp = fc.oneof(compareOp, fc.constantFrom<tree.BinaryOp>("+", "-", "*", "/", "//", "%", "^", "||"));

const isBare = (query: tree.Query): boolean =>
  query.with.length === 0 && query.orderBy.length === 0 && query.limit === undefined && query.offset === undefined;

/** The parser drops parentheses around a whole query. */
const unwrapped = (query: tree.Query): tree.Query =>
  isBare(query) && query.body.kind === "query" ? query.body : query;

const { expression, query, table } = fc.letrec((tie) => {
  const inner = tie("expression") as Arbitrary<tree.Expression>;
  const orderBy = tie("orderBy") as Arbitrary<tree.OrderItem[]>;
  const anyQuery = tie("query") as Arbitrary<tree.Query>;
  const body = tie("body") as Arbitrary<tree.QueryBody>;
  const anyTable = tie("table") as Arbitrary<tree.TableRef>;
  // biome-ignore lint/suspicious/noThenProperty: the tree's word for a CASE branch
  const branches = some(node("caseBranch", { when: inner, then: inner }));
  const order = {
    direction: maybe(fc.constantFrom<"asc" | "desc">("asc", "desc")),
    nulls: maybe(fc.constantFrom<"first" | "last">("first", "last")),
  };

  const leaf: Arbitrary<tree.Expression> = fc.oneof(
    number,
    string,
    typedLiteral,
    node("columnName", { parts: names }),
    node("blob", { value: fc.uint8Array({ maxLength: 4 }) }),
    node("boolean", { value: fc.boolean() }),
    node("null", {}),
    node("parameter", { name: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.constantFrom("p", "name_2")) }),
    node("interval", { value: string, unit: maybe(unit) }),
    node("interval", { value: integer, unit }),
  );

  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: "tree" },
      leaf,
      node("unary", { op: fc.constantFrom<tree.Unary["op"]>("-", "+", "not"), operand: inner }),
      node("binary", { op: binaryOp, left: inner, right: inner }),
      node("logical", { op: fc.constantFrom<"and" | "or">("and", "or"), operands: some(inner, 2) }),
      node("is", {
        operand: inner,
        test: fc.constantFrom<tree.Is["test"]>("null", "true", "false", "unknown"),
        negated,
      }),
      node("isDistinct", { left: inner, right: inner, negated }),
      node("between", { operand: inner, low: inner, high: inner, symmetric: fc.boolean(), negated }),
      // `a IN ((SELECT …))` is read as IN of a query.
      node("inList", { operand: inner, list: some(inner).filter((list) => list[0]!.kind !== "scalarQuery"), negated }),
      node("inQuery", { operand: inner, query: anyQuery, negated }),
      node("like", { operand: inner, pattern: inner, escape: maybe(inner), caseInsensitive: fc.boolean(), negated }),
      node("case", { operand: maybe(inner), branches, otherwise: maybe(inner) }),
      node("cast", { operand: inner, type: typeName, try: fc.boolean() }),
      node("interval", { value: fc.oneof(node("unary", { op: fc.constant("-" as const), operand: inner })), unit }),
      node("extract", { field: fc.constantFrom("year", "it's"), operand: inner }),
      node("call", {
        name: identifier,
        args: some(inner, 0),
        star: fc.constant(false),
        distinct: fc.constant(false),
        orderBy: fc.constant([]),
        withinGroup: fc.constantFrom([]),
        filter: maybe(inner),
      }),
      node("call", {
        name: node("identifier", { name: fc.constantFrom("left", "string_agg", "If"), quoted: fc.constant(false) }),
        args: some(inner),
        star: fc.constant(false),
        distinct: fc.boolean(),
        orderBy,
        withinGroup: orderBy,
        filter: maybe(inner),
      }),
      node("row", { items: some(inner) }),
      node("scalarQuery", { query: anyQuery }),
      node("exists", { query: anyQuery }),
      node("quantified", { op: compareOp, quantifier: fc.constantFrom("any", "all"), operand: inner, query: anyQuery }),
    ) as Arbitrary<tree.Expression>,

    orderBy: fc.oneof(
      fc.constant<tree.OrderItem[]>([]),
      some<tree.OrderItem>(node("orderExpression", { expression: inner, ...order })),
      node("orderAll", order).map((item): tree.OrderItem[] => [item]),
    ),

    query: node("query", {
      with: fc.oneof(
        { weight: 4, arbitrary: fc.constant<tree.CommonTable[]>([]) },
        some(
          node("commonTable", {
            name: identifier,
            columns: some(identifier, 0),
            materialized: maybe(fc.boolean()),
            query: anyQuery,
          }),
        ),
      ),
      body,
      orderBy,
      limit: maybe(inner),
      offset: maybe(inner),
    }).map(unwrapped),

    body: fc.oneof(
      { maxDepth: 4, depthIdentifier: "tree" },
      node("values", { rows: some(node("valuesRow", { items: some(leaf) })) }),
      node("select", {
        distinct: maybe(node("distinct", { on: some(inner, 0) })),
        items: some<tree.SelectItem>(
          fc.oneof(
            node("selectExpression", { expression: inner, alias: maybe(identifier) }),
            node("star", {
              qualifier: maybe(qualifiedName),
              exclude: some(identifier, 0),
              replace: some(node("starReplacement", { expression: inner, name: identifier }), 0),
            }),
          ),
        ),
        from: some(anyTable, 0),
        where: maybe(inner),
        groupBy: maybe<tree.GroupBy>(
          fc.oneof(
            fc.constant<tree.GroupByAll>({ kind: "groupByAll", range }),
            node("groupByList", { expressions: some(inner) }),
          ),
        ),
        having: maybe(inner),
      }),
      node("setOperation", {
        op: fc.constantFrom<tree.SetOperation["op"]>("union", "intersect", "except"),
        all: fc.boolean(),
        left: body,
        right: anyQuery.map((query) => (isBare(query) ? query.body : query)),
      }),
    ) as Arbitrary<tree.QueryBody>,

    table: fc.oneof(
      { maxDepth: 4, depthIdentifier: "tree" },
      node("namedTable", { name: qualifiedName, alias }),
      node("path", { path: fc.string(), alias }),
      node("tableFunction", {
        name: identifier,
        args: some(leaf, 0),
        namedArgs: some(node("namedArgument", { name: identifier, value: leaf }), 0),
        alias,
      }),
      node("derivedTable", { query: anyQuery, lateral: fc.boolean(), alias }),
      node("join", {
        joinKind: fc.constantFrom<tree.Join["joinKind"]>("inner", "left", "right", "full", "semi", "anti"),
        left: anyTable,
        right: anyTable,
        condition: fc.oneof<Arbitrary<tree.JoinCondition>[]>(
          node("on", { predicate: inner }),
          node("using", { columns: names }),
          fc.constant({ kind: "natural", range }),
        ),
      }),
      node("join", {
        joinKind: fc.constant("cross" as const),
        left: anyTable,
        right: anyTable,
        condition: fc.constant(undefined),
      }),
    ) as Arbitrary<tree.TableRef>,
  };
});

const statement: Arbitrary<tree.Statement> = fc.oneof(
  { weight: 10, arbitrary: query },
  node("explain", {
    analyze: fc.boolean(),
    format: fc.constantFrom<"text" | "json">("text", "json"),
    statement: query,
  }),
  node("describe", { target: fc.oneof<Arbitrary<tree.Describe["target"]>[]>(qualifiedName, query) }),
  fc.constant<tree.ShowTables>({ kind: "showTables", range }),
  node("createTable", {
    name: qualifiedName,
    orReplace: fc.boolean(),
    ifNotExists: fc.boolean(),
    columns: some(node("columnDefinition", { name: identifier, type: typeName, notNull: fc.boolean() })),
  }),
  node("createTableAs", {
    name: qualifiedName,
    orReplace: fc.boolean(),
    ifNotExists: fc.boolean(),
    columnNames: some(identifier, 0),
    query,
  }),
  node("dropTable", { name: qualifiedName, ifExists: fc.boolean() }),
  node("insert", { table: qualifiedName, columns: some(identifier, 0), query }),
  node("copy", {
    source: fc.oneof<Arbitrary<tree.Copy["source"]>[]>(qualifiedName, query),
    path: fc.string(),
    options: some(
      node("copyOption", {
        name: fc.constantFrom("format", "header", "level"),
        value: maybe(fc.oneof<Arbitrary<string | number | boolean>[]>(fc.string(), fc.integer(), fc.boolean())),
      }),
      0,
    ),
  }),
);

export { expression as anyExpression, query as anyQuery, statement as anyStatement, table as anyTable };
