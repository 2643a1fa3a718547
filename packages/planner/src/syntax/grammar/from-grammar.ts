import { FunctionName, K, Name } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { Assign, Comma, Equal, LParen, RParen, StringLiteral, UnknownOperator } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { identifier, type Rule } from "./base-grammar.ts";
import { PrimaryGrammar } from "./primary-grammar.ts";

/** FROM: tables, files, functions, subqueries and the joins between them. */
export abstract class FromGrammar extends PrimaryGrammar {
  protected abstract readonly valuesQuery: Rule<[], tree.Query>;

  protected readonly tableRefs: Rule<[], readonly tree.TableRef[]> = this.RULE("tableRefs", () => {
    const tables: tree.TableRef[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => tables.push(this.SUBRULE(this.tableRef)),
      ERR_MSG: A_TABLE,
    });
    return tables;
  });

  private readonly tableRef: Rule<[], tree.TableRef> = this.RULE("tableRef", (): tree.TableRef => {
    const start = this.enter();
    let left = this.SUBRULE(this.tablePrimary);
    this.MANY(() => {
      left = this.SUBRULE(this.joined, { ARGS: [start, left] });
    });
    this.ACTION(() => this.refuseSampling());
    this.leave();
    return left;
  });

  private refuseSampling(): void {
    if (this.LA(1).tokenType === K.TABLESAMPLE) this.refuseNext("TABLESAMPLE is");
    if (this.follows(1, K.USING) && this.isWord(2, "SAMPLE")) this.refuseNext("USING SAMPLE is");
    if (this.isOneOf(1, [K.PIVOT, K.UNPIVOT])) this.refuseNext(`${this.LA(1).image.toUpperCase()} is`);
  }

  // ---- joins --------------------------------------------------------------------------------------------------------

  private readonly joined: Rule<[start: number, left: tree.TableRef], tree.Join> = this.RULE(
    "joined",
    (start: number, left: tree.TableRef): tree.Join =>
      this.OR([
        {
          ALT: (): tree.Join => {
            this.CONSUME(K.CROSS);
            this.CONSUME1(K.JOIN);
            const right = this.SUBRULE1(this.tablePrimary);
            return { kind: "join", joinKind: "cross", left, right, condition: undefined, range: this.since(start) };
          },
        },
        {
          ALT: (): tree.Join => {
            const condition: tree.JoinNatural = { kind: "natural", range: this.naturalRange() };
            const joinKind = this.SUBRULE2(this.joinKind);
            this.CONSUME2(K.JOIN);
            const right = this.SUBRULE2(this.tablePrimary);
            return { kind: "join", joinKind, left, right, condition, range: this.since(start) };
          },
        },
        {
          ALT: (): tree.Join => {
            const joinKind = this.SUBRULE3(this.joinKind);
            this.CONSUME3(K.JOIN);
            const rightStart = this.enter();
            let right = this.SUBRULE3(this.tablePrimary);
            // `a JOIN b JOIN c ON … ON …`: what has no condition yet joins the rest first.
            this.MANY(() => {
              right = this.SUBRULE(this.joined, { ARGS: [rightStart, right] });
            });
            this.leave();
            const condition = this.SUBRULE(this.joinCondition);
            return { kind: "join", joinKind, left, right, condition, range: this.since(start) };
          },
        },
      ]),
  );

  private naturalRange(): tree.JoinNatural["range"] {
    const start = this.start();
    this.CONSUME(K.NATURAL);
    return this.since(start);
  }

  private readonly joinKind: Rule<[], tree.Join["joinKind"]> = this.RULE("joinKind", () => {
    let joinKind: tree.Join["joinKind"] = "inner";
    this.OR([
      { ALT: () => this.CONSUME(K.INNER) },
      {
        ALT: () => {
          const side = this.oneOf(1, [K.LEFT, K.RIGHT, K.FULL]);
          joinKind = side.tokenType === K.LEFT ? "left" : side.tokenType === K.RIGHT ? "right" : "full";
          this.flag(1, K.OUTER);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SEMI);
          joinKind = "semi";
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ANTI);
          joinKind = "anti";
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ASOF);
          this.refuse("ASOF joins are");
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.POSITIONAL);
          this.refuse("POSITIONAL joins are");
        },
      },
      { ALT: () => undefined },
    ]);
    return joinKind;
  });

  private readonly joinCondition: Rule<[], tree.JoinOn | tree.JoinUsing> = this.RULE(
    "joinCondition",
    (): tree.JoinOn | tree.JoinUsing => {
      const start = this.start();
      return this.OR({
        DEF: [
          {
            ALT: (): tree.JoinOn => {
              this.CONSUME(K.ON);
              const predicate = this.SUBRULE(this.expression);
              return { kind: "on", predicate, range: this.since(start) };
            },
          },
          {
            ALT: (): tree.JoinUsing => {
              this.CONSUME(K.USING);
              const columns = this.SUBRULE(this.columnNames);
              return { kind: "using", columns, range: this.since(start) };
            },
          },
        ],
        ERR_MSG: "ON or USING",
      });
    },
  );

  // ---- one table ----------------------------------------------------------------------------------------------------

  private readonly tablePrimary: Rule<[], tree.TableRef> = this.RULE(
    "tablePrimary",
    (): tree.TableRef =>
      this.OR({
        DEF: [
          { GATE: () => !this.follows(2, LParen), ALT: () => this.SUBRULE(this.namedTable) },
          { GATE: () => this.follows(2, LParen), ALT: () => this.SUBRULE(this.tableFunction) },
          { ALT: () => this.SUBRULE(this.path) },
          { ALT: () => this.SUBRULE(this.derivedValues) },
          { GATE: () => this.opensQuery(1), ALT: () => this.SUBRULE1(this.derivedTable, { ARGS: [false] }) },
          { ALT: () => this.SUBRULE(this.joinInParentheses) },
          {
            GATE: () => this.follows(2, LParen),
            ALT: () => {
              this.CONSUME1(K.LATERAL);
              return this.SUBRULE2(this.derivedTable, { ARGS: [true] });
            },
          },
          {
            // Table functions may refer to the tables before them with or without LATERAL.
            ALT: () => {
              this.CONSUME2(K.LATERAL);
              return this.SUBRULE2(this.tableFunction);
            },
          },
        ],
        ERR_MSG: A_TABLE,
      }),
  );

  private readonly namedTable: Rule<[], tree.NamedTable> = this.RULE("namedTable", (): tree.NamedTable => {
    const start = this.start();
    const name = this.SUBRULE(this.qualifiedName, { ARGS: ["a table name"] });
    const alias = this.SUBRULE(this.tableAlias);
    return { kind: "namedTable", name, alias, range: this.since(start) };
  });

  private readonly path: Rule<[], tree.Path> = this.RULE("path", (): tree.Path => {
    const start = this.start();
    const path = stringValue(this.CONSUME(StringLiteral));
    const alias = this.SUBRULE(this.tableAlias);
    return { kind: "path", path, alias, range: this.since(start) };
  });

  private readonly tableFunction: Rule<[], tree.TableFunction> = this.RULE("tableFunction", (): tree.TableFunction => {
    const start = this.start();
    const args: tree.Expression[] = [];
    const namedArgs: tree.NamedArgument[] = [];
    // Only LATERAL can be followed by something else.
    const name = identifier(this.CONSUME(FunctionName, { ERR_MSG: "a subquery or a table function" }));
    this.CONSUME(LParen);
    this.MANY_SEP({
      SEP: Comma,
      DEF: () => {
        this.OR([
          {
            GATE: () => this.follows(1, Name) && this.isAssignment(2),
            ALT: () => namedArgs.push(this.SUBRULE(this.namedArgument)),
          },
          { ALT: () => args.push(this.SUBRULE(this.expression)) },
        ]);
      },
    });
    this.CONSUME(RParen);
    const alias = this.SUBRULE(this.tableAlias);
    return { kind: "tableFunction", name, args, namedArgs, alias, range: this.since(start) };
  });

  private isAssignment(ahead: number): boolean {
    return this.isOneOf(ahead, [Equal, Assign]) || this.LA(ahead).image === "=>";
  }

  private readonly namedArgument: Rule<[], tree.NamedArgument> = this.RULE("namedArgument", (): tree.NamedArgument => {
    const start = this.start();
    const name = this.name(0, "a parameter name");
    this.oneOf(0, [Equal, Assign, UnknownOperator]);
    const value = this.SUBRULE(this.expression);
    return { kind: "namedArgument", name, value, range: this.since(start) };
  });

  private readonly derivedTable: Rule<[lateral: boolean], tree.DerivedTable> = this.RULE(
    "derivedTable",
    (lateral: boolean): tree.DerivedTable => {
      const start = this.start();
      this.CONSUME(LParen);
      const query = this.SUBRULE(this.query);
      this.CONSUME(RParen);
      const alias = this.SUBRULE(this.tableAlias);
      return { kind: "derivedTable", query, lateral, alias, range: this.since(start) };
    },
  );

  /** `FROM VALUES (1), (2) t(a)`, without the usual parentheses. */
  private readonly derivedValues: Rule<[], tree.DerivedTable> = this.RULE("derivedValues", (): tree.DerivedTable => {
    const start = this.start();
    const query = this.SUBRULE(this.valuesQuery);
    const alias = this.SUBRULE(this.tableAlias);
    return { kind: "derivedTable", query, lateral: false, alias, range: this.since(start) };
  });

  /** `(a JOIN b ON …)`; with an alias it is a subquery that selects everything. */
  private readonly joinInParentheses: Rule<[], tree.TableRef> = this.RULE("joinInParentheses", (): tree.TableRef => {
    const start = this.start();
    this.CONSUME(LParen);
    const inner = this.SUBRULE(this.tableRef);
    this.CONSUME(RParen);
    const range = this.since(start);
    const alias = this.SUBRULE(this.tableAlias);
    if (alias === undefined) return inner;
    return { kind: "derivedTable", query: selectAll(inner, range), lateral: false, alias, range: this.since(start) };
  });

  private readonly tableAlias: Rule<[], tree.TableAlias | undefined> = this.RULE(
    "tableAlias",
    (): tree.TableAlias | undefined => {
      const start = this.start();
      let name: tree.Identifier | undefined;
      let columns: readonly tree.Identifier[] = [];
      this.OPTION1(() => {
        this.flag(2, K.AS);
        name = this.name(0, "a table alias");
        this.OPTION3(() => {
          columns = this.SUBRULE(this.columnNames);
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
