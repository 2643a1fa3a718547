import { FunctionName, K, Name } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { Assign, Comma, Equal, LParen, RParen, StringLiteral, UnknownOperator } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { identifier } from "./base-grammar.ts";
import type { Rule } from "./parser.ts";
import { PrimaryGrammar } from "./primary-grammar.ts";

/** FROM: tables, files, functions, subqueries and the joins between them. */
export abstract class FromGrammar extends PrimaryGrammar {
  protected abstract readonly valuesQuery: Rule<[], tree.Query>;

  protected readonly tableRefs: Rule<[], readonly tree.TableRef[]> = this.rule("tableRefs", () => {
    const tables: tree.TableRef[] = [];
    this.atLeastOneSeparated(0, {
      separator: Comma,
      parse: () => tables.push(this.apply(this.tableRef)),
      expected: A_TABLE,
    });
    return tables;
  });

  private readonly tableRef: Rule<[], tree.TableRef> = this.rule("tableRef", (): tree.TableRef => {
    const start = this.enter();
    let left = this.apply(this.tablePrimary);
    this.many(0, () => {
      left = this.apply(this.joined, start, left);
    });
    this.action(() => this.refuseSampling());
    this.leave();
    return left;
  });

  private refuseSampling(): void {
    if (this.LA(1).tokenType === K.TABLESAMPLE) this.refuseNext("TABLESAMPLE is");
    if (this.follows(1, K.USING) && this.isWord(2, "SAMPLE")) this.refuseNext("USING SAMPLE is");
    if (this.isOneOf(1, [K.PIVOT, K.UNPIVOT])) this.refuseNext(`${this.LA(1).image.toUpperCase()} is`);
  }

  // ---- joins --------------------------------------------------------------------------------------------------------

  private readonly joined: Rule<[start: number, left: tree.TableRef], tree.Join> = this.rule(
    "joined",
    (start: number, left: tree.TableRef): tree.Join =>
      this.or(0, [
        {
          parse: (): tree.Join => {
            this.consume(K.CROSS);
            this.consume(K.JOIN);
            const right = this.apply(this.tablePrimary);
            return { kind: "join", joinKind: "cross", left, right, condition: undefined, range: this.since(start) };
          },
        },
        {
          parse: (): tree.Join => {
            const condition: tree.JoinNatural = { kind: "natural", range: this.naturalRange() };
            const joinKind = this.apply(this.joinKind);
            this.consume(K.JOIN);
            const right = this.apply(this.tablePrimary);
            return { kind: "join", joinKind, left, right, condition, range: this.since(start) };
          },
        },
        {
          parse: (): tree.Join => {
            const joinKind = this.apply(this.joinKind);
            this.consume(K.JOIN);
            const rightStart = this.enter();
            let right = this.apply(this.tablePrimary);
            // `a JOIN b JOIN c ON … ON …`: what has no condition yet joins the rest first.
            this.many(0, () => {
              right = this.apply(this.joined, rightStart, right);
            });
            this.leave();
            const condition = this.apply(this.joinCondition);
            return { kind: "join", joinKind, left, right, condition, range: this.since(start) };
          },
        },
      ]),
  );

  private naturalRange(): tree.JoinNatural["range"] {
    const start = this.start();
    this.consume(K.NATURAL);
    return this.since(start);
  }

  private readonly joinKind: Rule<[], tree.Join["joinKind"]> = this.rule("joinKind", () => {
    let joinKind: tree.Join["joinKind"] = "inner";
    this.or(0, [
      { parse: () => this.consume(K.INNER) },
      {
        parse: () => {
          const side = this.oneOf(1, [K.LEFT, K.RIGHT, K.FULL]);
          joinKind = side.tokenType === K.LEFT ? "left" : side.tokenType === K.RIGHT ? "right" : "full";
          this.flag(1, K.OUTER);
        },
      },
      {
        parse: () => {
          this.consume(K.SEMI);
          joinKind = "semi";
        },
      },
      {
        parse: () => {
          this.consume(K.ANTI);
          joinKind = "anti";
        },
      },
      {
        parse: () => {
          this.consume(K.ASOF);
          this.refuse("ASOF joins are");
        },
      },
      {
        parse: () => {
          this.consume(K.POSITIONAL);
          this.refuse("POSITIONAL joins are");
        },
      },
      { parse: () => undefined },
    ]);
    return joinKind;
  });

  private readonly joinCondition: Rule<[], tree.JoinOn | tree.JoinUsing> = this.rule(
    "joinCondition",
    (): tree.JoinOn | tree.JoinUsing => {
      const start = this.start();
      return this.or<tree.JoinOn | tree.JoinUsing>(0, {
        alternatives: [
          {
            parse: (): tree.JoinOn => {
              this.consume(K.ON);
              const predicate = this.apply(this.expression);
              return { kind: "on", predicate, range: this.since(start) };
            },
          },
          {
            parse: (): tree.JoinUsing => {
              this.consume(K.USING);
              const columns = this.apply(this.columnNames);
              return { kind: "using", columns, range: this.since(start) };
            },
          },
        ],
        expected: "ON or USING",
      });
    },
  );

  // ---- one table ----------------------------------------------------------------------------------------------------

  private readonly tablePrimary: Rule<[], tree.TableRef> = this.rule(
    "tablePrimary",
    (): tree.TableRef =>
      this.or(0, {
        alternatives: [
          { gate: () => !this.follows(2, LParen), parse: () => this.apply(this.namedTable) },
          { gate: () => this.follows(2, LParen), parse: () => this.apply(this.tableFunction) },
          { parse: () => this.apply(this.path) },
          { parse: () => this.apply(this.derivedValues) },
          { gate: () => this.opensQuery(1), parse: () => this.apply(this.derivedTable, false) },
          { parse: () => this.apply(this.joinInParentheses) },
          {
            gate: () => this.follows(2, LParen),
            parse: () => {
              this.consume(K.LATERAL);
              return this.apply(this.derivedTable, true);
            },
          },
          {
            // Table functions may refer to the tables before them with or without LATERAL.
            parse: () => {
              this.consume(K.LATERAL);
              return this.apply(this.tableFunction);
            },
          },
        ],
        expected: A_TABLE,
      }),
  );

  private readonly namedTable: Rule<[], tree.NamedTable> = this.rule("namedTable", (): tree.NamedTable => {
    const start = this.start();
    const name = this.apply(this.qualifiedName, "a table name");
    const alias = this.apply(this.tableAlias);
    return { kind: "namedTable", name, alias, range: this.since(start) };
  });

  private readonly path: Rule<[], tree.Path> = this.rule("path", (): tree.Path => {
    const start = this.start();
    const path = stringValue(this.consume(StringLiteral));
    const alias = this.apply(this.tableAlias);
    return { kind: "path", path, alias, range: this.since(start) };
  });

  private readonly tableFunction: Rule<[], tree.TableFunction> = this.rule("tableFunction", (): tree.TableFunction => {
    const start = this.start();
    const args: tree.Expression[] = [];
    const namedArgs: tree.NamedArgument[] = [];
    // Only LATERAL can be followed by something else.
    const name = identifier(this.consume(FunctionName, "a subquery or a table function"));
    this.consume(LParen);
    this.manySeparated(0, {
      separator: Comma,
      parse: () => {
        this.or(0, [
          {
            gate: () => this.follows(1, Name) && this.isAssignment(2),
            parse: () => namedArgs.push(this.apply(this.namedArgument)),
          },
          { parse: () => args.push(this.apply(this.expression)) },
        ]);
      },
    });
    this.consume(RParen);
    const alias = this.apply(this.tableAlias);
    return { kind: "tableFunction", name, args, namedArgs, alias, range: this.since(start) };
  });

  private isAssignment(ahead: number): boolean {
    return this.isOneOf(ahead, [Equal, Assign]) || this.LA(ahead).image === "=>";
  }

  private readonly namedArgument: Rule<[], tree.NamedArgument> = this.rule("namedArgument", (): tree.NamedArgument => {
    const start = this.start();
    const name = this.name("a parameter name");
    this.oneOf(0, [Equal, Assign, UnknownOperator]);
    const value = this.apply(this.expression);
    return { kind: "namedArgument", name, value, range: this.since(start) };
  });

  private readonly derivedTable: Rule<[lateral: boolean], tree.DerivedTable> = this.rule(
    "derivedTable",
    (lateral: boolean): tree.DerivedTable => {
      const start = this.start();
      this.consume(LParen);
      const query = this.apply(this.query);
      this.consume(RParen);
      const alias = this.apply(this.tableAlias);
      return { kind: "derivedTable", query, lateral, alias, range: this.since(start) };
    },
  );

  /** `FROM VALUES (1), (2) t(a)`, without the usual parentheses. */
  private readonly derivedValues: Rule<[], tree.DerivedTable> = this.rule("derivedValues", (): tree.DerivedTable => {
    const start = this.start();
    const query = this.apply(this.valuesQuery);
    const alias = this.apply(this.tableAlias);
    return { kind: "derivedTable", query, lateral: false, alias, range: this.since(start) };
  });

  /** `(a JOIN b ON …)`; with an alias it is a subquery that selects everything. */
  private readonly joinInParentheses: Rule<[], tree.TableRef> = this.rule("joinInParentheses", (): tree.TableRef => {
    const start = this.start();
    this.consume(LParen);
    const inner = this.apply(this.tableRef);
    this.consume(RParen);
    const range = this.since(start);
    const alias = this.apply(this.tableAlias);
    if (alias === undefined) return inner;
    return { kind: "derivedTable", query: selectAll(inner, range), lateral: false, alias, range: this.since(start) };
  });

  private readonly tableAlias: Rule<[], tree.TableAlias | undefined> = this.rule(
    "tableAlias",
    (): tree.TableAlias | undefined => {
      const start = this.start();
      let name: tree.Identifier | undefined;
      let columns: readonly tree.Identifier[] = [];
      this.option(1, () => {
        this.flag(2, K.AS);
        name = this.name("a table alias");
        this.option(3, () => {
          columns = this.apply(this.columnNames);
        });
      });
      return name === undefined ? undefined : { kind: "tableAlias", name, columns, range: this.since(start) };
    },
  );
}

const A_TABLE = "a table name";

const selectAll = (from: tree.TableRef, range: tree.Query["range"]): tree.Query => ({
  kind: "query",
  with: [],
  body: {
    kind: "select",
    distinct: undefined,
    items: [{ kind: "star", qualifier: undefined, exclude: [], replace: [], range }],
    from: [from],
    where: undefined,
    groupBy: undefined,
    having: undefined,
    range,
  },
  orderBy: [],
  limit: undefined,
  offset: undefined,
  range,
});
