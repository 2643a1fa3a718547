import { K, Label } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { isA } from "../token.ts";
import { tokenRange } from "../tokenize.ts";
import { Comma, Dot, LParen, RParen, Star, StringLiteral } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { FromGrammar } from "./from-grammar.ts";
import type { Rule } from "./parser.ts";

/** SELECT with its clauses from the list to HAVING, and the items of ORDER BY. */
export abstract class SelectGrammar extends FromGrammar {
  protected readonly select: Rule<[], tree.Select> = this.rule("select", (): tree.Select => {
    const start = this.start();
    let from: readonly tree.TableRef[] = [];
    const { distinct, items } = this.apply(this.selectClause);
    this.option(1, () => {
      this.consume(K.INTO);
      this.refuse("SELECT INTO is", "write CREATE TABLE name AS SELECT …");
    });
    this.option(2, () => {
      this.consume(K.FROM);
      from = this.apply(this.tableRefs);
    });
    const rest = this.apply(this.afterFrom);
    return { kind: "select", distinct, items, from, ...rest, range: this.since(start) };
  });

  /** `FROM t`, `FROM t SELECT a WHERE …` */
  protected readonly fromFirst: Rule<[], tree.Select> = this.rule("fromFirst", (): tree.Select => {
    const start = this.start();
    this.consume(K.FROM);
    const from = this.apply(this.tableRefs);
    const range = this.since(start);
    let clause: SelectClause = { distinct: undefined, items: [everything(range)] };
    this.option(0, () => {
      clause = this.apply(this.selectClause);
    });
    const rest = this.apply(this.afterFrom);
    return { kind: "select", ...clause, from, ...rest, range: this.since(start) };
  });

  /** `TABLE t` */
  protected readonly wholeTable: Rule<[], tree.Select> = this.rule("wholeTable", (): tree.Select => {
    const start = this.start();
    this.consume(K.TABLE);
    const name = this.apply(this.qualifiedName, "a table name");
    const range = this.since(start);
    const from: tree.NamedTable = { kind: "namedTable", name, alias: undefined, range: name.range };
    return {
      kind: "select",
      distinct: undefined,
      items: [everything(range)],
      from: [from],
      where: undefined,
      groupBy: undefined,
      having: undefined,
      range,
    };
  });

  // ---- the list -----------------------------------------------------------------------------------------------------

  private readonly selectClause: Rule<[], SelectClause> = this.rule("selectClause", (): SelectClause => {
    let distinct: tree.Distinct | undefined;
    const items: tree.SelectItem[] = [];
    this.consume(K.SELECT);
    this.option(0, () => {
      this.or(0, [
        { parse: () => this.consume(K.ALL) },
        {
          parse: () => {
            distinct = this.apply(this.distinct);
          },
        },
      ]);
    });
    this.atLeastOneSeparated(0, {
      separator: Comma,
      parse: () => items.push(this.apply(this.selectItem)),
      expected: "an expression",
    });
    return { distinct, items };
  });

  private readonly distinct: Rule<[], tree.Distinct> = this.rule("distinct", (): tree.Distinct => {
    const start = this.start();
    let on: readonly tree.Expression[] = [];
    this.consume(K.DISTINCT);
    this.option(0, () => {
      this.consume(K.ON);
      this.consume(LParen);
      on = this.apply(this.expressions);
      this.consume(RParen);
    });
    return { kind: "distinct", on, range: this.since(start) };
  });

  private readonly selectItem: Rule<[], tree.SelectItem> = this.rule(
    "selectItem",
    (): tree.SelectItem =>
      this.or<tree.SelectItem>(0, {
        alternatives: [
          { gate: () => this.startsStar(), parse: () => this.apply(this.star) },
          { parse: () => this.apply(this.selectExpression) },
        ],
        expected: "an expression",
      }),
  );

  private readonly selectExpression: Rule<[], tree.SelectExpression> = this.rule(
    "selectExpression",
    (): tree.SelectExpression => {
      const start = this.start();
      const expression = this.apply(this.expression);
      let alias: tree.Identifier | undefined;
      this.or(0, [
        {
          parse: () => {
            this.consume(K.AS);
            alias = this.or(1, {
              alternatives: [
                { parse: () => this.label("an alias") },
                {
                  parse: (): tree.Identifier => {
                    const token = this.consume(StringLiteral);
                    return { kind: "identifier", name: stringValue(token), quoted: true, range: tokenRange(token) };
                  },
                },
              ],
              expected: "an alias",
            });
          },
        },
        {
          parse: () => {
            alias = this.name("an alias");
          },
        },
        { parse: () => undefined },
      ]);
      return { kind: "selectExpression", expression, alias, range: this.since(start) };
    },
  );

  /** `*`, `t.*`, `s.t.*` */
  private startsStar(): boolean {
    let ahead = 1;
    while (isA(this.LA(ahead), Label) && this.LA(ahead + 1).tokenType === Dot) ahead += 2;
    return this.LA(ahead).tokenType === Star;
  }

  private readonly star: Rule<[], tree.Star> = this.rule("star", (): tree.Star => {
    const start = this.start();
    const parts: tree.Identifier[] = [];
    let exclude: readonly tree.Identifier[] = [];
    const replace: tree.StarReplacement[] = [];
    this.many(0, () => {
      parts.push(this.name("a table name"));
      this.consume(Dot);
    });
    const end = this.LA(0).startOffset;
    this.consume(Star);
    this.option(1, () => {
      this.consume(K.EXCLUDE);
      exclude = this.or(1, {
        alternatives: [{ parse: () => this.apply(this.columnNames) }, { parse: () => [this.name("a column name")] }],
        expected: "a column name",
      });
    });
    this.option(2, () => {
      this.consume(K.REPLACE);
      this.or(2, {
        alternatives: [
          {
            parse: () => {
              this.consume(LParen);
              this.atLeastOneSeparated(0, {
                separator: Comma,
                parse: () => replace.push(this.apply(this.replacement)),
                expected: "an expression",
              });
              this.consume(RParen);
            },
          },
          { parse: () => replace.push(this.apply(this.replacement)) },
        ],
        expected: "an expression",
      });
    });
    this.action(() => {
      if (this.isWord(1, "RENAME")) this.refuseNext("* RENAME is");
      if (this.isOneOf(1, [K.LIKE, K.ILIKE, K.NOT])) this.refuseNext("* LIKE is");
    });
    const qualifier: tree.QualifiedName | undefined =
      parts.length === 0 ? undefined : { kind: "qualifiedName", parts, range: { start, end } };
    return { kind: "star", qualifier, exclude, replace, range: this.since(start) };
  });

  private readonly replacement: Rule<[], tree.StarReplacement> = this.rule("replacement", (): tree.StarReplacement => {
    const start = this.start();
    const expression = this.apply(this.expression);
    this.consume(K.AS);
    const name = this.label("a column name");
    return { kind: "starReplacement", expression, name, range: this.since(start) };
  });

  // ---- after FROM ---------------------------------------------------------------------------------------------------

  private readonly afterFrom: Rule<[], AfterFrom> = this.rule("afterFrom", (): AfterFrom => {
    let where: tree.Expression | undefined;
    let groupBy: tree.GroupBy | undefined;
    let having: tree.Expression | undefined;
    this.option(1, () => {
      this.consume(K.WHERE);
      where = this.apply(this.expression);
    });
    this.option(2, () => {
      groupBy = this.apply(this.groupBy);
    });
    this.option(3, () => {
      this.consume(K.HAVING);
      having = this.apply(this.expression);
    });
    this.option(4, () => {
      this.oneOf(0, [K.WINDOW, K.QUALIFY]);
      this.refuse(`window functions (${this.LA(0).image.toUpperCase()}) are`);
    });
    return { where, groupBy, having };
  });

  private readonly groupBy: Rule<[], tree.GroupBy> = this.rule("groupBy", (): tree.GroupBy => {
    const start = this.start();
    const expressions: tree.Expression[] = [];
    this.consume(K.GROUP);
    this.consume(K.BY);
    return this.or<tree.GroupBy>(0, {
      alternatives: [
        {
          parse: () => {
            this.consume(K.ALL);
            return { kind: "groupByAll", range: this.since(start) };
          },
        },
        {
          parse: () => {
            this.atLeastOneSeparated(0, {
              separator: Comma,
              parse: () => {
                this.action(() => this.refuseGroupingSets());
                expressions.push(this.apply(this.expression));
              },
              expected: "an expression",
            });
            return { kind: "groupByList", expressions, range: this.since(start) };
          },
        },
      ],
      expected: "an expression or ALL",
    });
  });

  private refuseGroupingSets(): void {
    const isFunction = this.follows(2, LParen) && (this.isWord(1, "ROLLUP") || this.isWord(1, "CUBE"));
    if (isFunction || (this.isWord(1, "GROUPING") && this.isWord(2, "SETS"))) {
      this.refuseNext(`GROUP BY ${isFunction ? this.LA(1).image.toUpperCase() : "GROUPING SETS"} is`);
    }
    if (this.follows(1, LParen, RParen)) this.refuseNext("an empty group, (), is");
  }

  // ---- ORDER BY -----------------------------------------------------------------------------------------------------

  protected readonly orderItems: Rule<[], readonly tree.OrderItem[]> = this.rule("orderItems", () => {
    const items: tree.OrderItem[] = [];
    this.or(0, {
      alternatives: [
        {
          parse: () => {
            const start = this.start();
            this.consume(K.ALL);
            const order = this.apply(this.direction);
            items.push({ kind: "orderAll", ...order, range: this.since(start) });
          },
        },
        {
          parse: () => {
            this.atLeastOneSeparated(0, {
              separator: Comma,
              parse: () => {
                const start = this.start();
                const expression = this.apply(this.expression);
                const order = this.apply(this.direction);
                items.push({ kind: "orderExpression", expression, ...order, range: this.since(start) });
              },
              expected: "an expression",
            });
          },
        },
      ],
      expected: "an expression",
    });
    return items;
  });

  private readonly direction: Rule<[], Direction> = this.rule("direction", (): Direction => {
    let direction: Direction["direction"];
    let nulls: Direction["nulls"];
    this.option(1, () => {
      const word = this.oneOf(1, [K.ASC, K.DESC]);
      direction = word.tokenType === K.ASC ? "asc" : "desc";
    });
    this.option(2, () => {
      this.consume(K.NULLS);
      const word = this.oneOf(2, [K.FIRST, K.LAST], "FIRST or LAST");
      nulls = word.tokenType === K.FIRST ? "first" : "last";
    });
    return { direction, nulls };
  });
}

interface SelectClause {
  readonly distinct: tree.Distinct | undefined;
  readonly items: readonly tree.SelectItem[];
}

type AfterFrom = Pick<tree.Select, "where" | "groupBy" | "having">;
type Direction = Pick<tree.OrderAll, "direction" | "nulls">;

const everything = (range: tree.Star["range"]): tree.Star => ({
  kind: "star",
  qualifier: undefined,
  exclude: [],
  replace: [],
  range,
});
