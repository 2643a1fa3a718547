import { K, Label } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { isA, tokenRange } from "../tokenize.ts";
import { Comma, Dot, LParen, RParen, Star, StringLiteral } from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./base-grammar.ts";
import { FromGrammar } from "./from-grammar.ts";

/** SELECT with its clauses from the list to HAVING, and the items of ORDER BY. */
export abstract class SelectGrammar extends FromGrammar {
  protected readonly select: Rule<[], tree.Select> = this.RULE("select", (): tree.Select => {
    const start = this.start();
    let from: readonly tree.TableRef[] = [];
    const { distinct, items } = this.SUBRULE(this.selectClause);
    this.OPTION1(() => {
      this.CONSUME(K.INTO);
      this.refuse("SELECT INTO is", "write CREATE TABLE name AS SELECT …");
    });
    this.OPTION2(() => {
      this.CONSUME(K.FROM);
      from = this.SUBRULE(this.tableRefs);
    });
    const rest = this.SUBRULE(this.afterFrom);
    return { kind: "select", distinct, items, from, ...rest, range: this.since(start) };
  });

  /** `FROM t`, `FROM t SELECT a WHERE …` */
  protected readonly fromFirst: Rule<[], tree.Select> = this.RULE("fromFirst", (): tree.Select => {
    const start = this.start();
    this.CONSUME(K.FROM);
    const from = this.SUBRULE(this.tableRefs);
    const range = this.since(start);
    let clause: SelectClause = { distinct: undefined, items: [everything(range)] };
    this.OPTION(() => {
      clause = this.SUBRULE(this.selectClause);
    });
    const rest = this.SUBRULE(this.afterFrom);
    return { kind: "select", ...clause, from, ...rest, range: this.since(start) };
  });

  /** `TABLE t` */
  protected readonly wholeTable: Rule<[], tree.Select> = this.RULE("wholeTable", (): tree.Select => {
    const start = this.start();
    this.CONSUME(K.TABLE);
    const name = this.SUBRULE(this.qualifiedName, { ARGS: ["a table name"] });
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

  private readonly selectClause: Rule<[], SelectClause> = this.RULE("selectClause", (): SelectClause => {
    let distinct: tree.Distinct | undefined;
    const items: tree.SelectItem[] = [];
    this.CONSUME(K.SELECT);
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.CONSUME(K.ALL) },
        {
          ALT: () => {
            distinct = this.SUBRULE(this.distinct);
          },
        },
      ]);
    });
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => items.push(this.SUBRULE(this.selectItem)),
      ERR_MSG: "an expression",
    });
    return { distinct, items };
  });

  private readonly distinct: Rule<[], tree.Distinct> = this.RULE("distinct", (): tree.Distinct => {
    const start = this.start();
    let on: readonly tree.Expression[] = [];
    this.CONSUME(K.DISTINCT);
    this.OPTION(() => {
      this.CONSUME(K.ON);
      this.CONSUME(LParen);
      on = this.SUBRULE(this.expressions);
      this.CONSUME(RParen);
    });
    return { kind: "distinct", on, range: this.since(start) };
  });

  private readonly selectItem: Rule<[], tree.SelectItem> = this.RULE(
    "selectItem",
    (): tree.SelectItem =>
      this.OR<tree.SelectItem>({
        DEF: [
          { GATE: () => this.startsStar(), ALT: () => this.SUBRULE(this.star) },
          { ALT: () => this.SUBRULE(this.selectExpression) },
        ],
        ERR_MSG: "an expression",
      }),
  );

  private readonly selectExpression: Rule<[], tree.SelectExpression> = this.RULE(
    "selectExpression",
    (): tree.SelectExpression => {
      const start = this.start();
      const expression = this.SUBRULE(this.expression);
      let alias: tree.Identifier | undefined;
      this.OR([
        {
          ALT: () => {
            this.CONSUME(K.AS);
            alias = this.OR1({
              DEF: [
                { ALT: () => this.label(1, "an alias") },
                {
                  ALT: (): tree.Identifier => {
                    const token = this.CONSUME(StringLiteral);
                    return { kind: "identifier", name: stringValue(token), quoted: true, range: tokenRange(token) };
                  },
                },
              ],
              ERR_MSG: "an alias",
            });
          },
        },
        {
          ALT: () => {
            alias = this.name(2, "an alias");
          },
        },
        { ALT: () => undefined },
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

  private readonly star: Rule<[], tree.Star> = this.RULE("star", (): tree.Star => {
    const start = this.start();
    const parts: tree.Identifier[] = [];
    let exclude: readonly tree.Identifier[] = [];
    const replace: tree.StarReplacement[] = [];
    this.MANY(() => {
      parts.push(this.name(1, "a table name"));
      this.CONSUME(Dot);
    });
    const end = this.LA(0).startOffset;
    this.CONSUME(Star);
    this.OPTION1(() => {
      this.CONSUME(K.EXCLUDE);
      exclude = this.OR1({
        DEF: [{ ALT: () => this.SUBRULE(this.columnNames) }, { ALT: () => [this.name(2, "a column name")] }],
        ERR_MSG: "a column name",
      });
    });
    this.OPTION2(() => {
      this.CONSUME(K.REPLACE);
      this.OR2({
        DEF: [
          {
            ALT: () => {
              this.CONSUME2(LParen);
              this.AT_LEAST_ONE_SEP({
                SEP: Comma,
                DEF: () => replace.push(this.SUBRULE1(this.replacement)),
                ERR_MSG: "an expression",
              });
              this.CONSUME2(RParen);
            },
          },
          { ALT: () => replace.push(this.SUBRULE2(this.replacement)) },
        ],
        ERR_MSG: "an expression",
      });
    });
    this.ACTION(() => {
      if (this.isWord(1, "RENAME")) this.refuseNext("* RENAME is");
      if (this.isOneOf(1, [K.LIKE, K.ILIKE, K.NOT])) this.refuseNext("* LIKE is");
    });
    const qualifier: tree.QualifiedName | undefined =
      parts.length === 0 ? undefined : { kind: "qualifiedName", parts, range: { start, end } };
    return { kind: "star", qualifier, exclude, replace, range: this.since(start) };
  });

  private readonly replacement: Rule<[], tree.StarReplacement> = this.RULE("replacement", (): tree.StarReplacement => {
    const start = this.start();
    const expression = this.SUBRULE(this.expression);
    this.CONSUME(K.AS);
    const name = this.label(0, "a column name");
    return { kind: "starReplacement", expression, name, range: this.since(start) };
  });

  // ---- after FROM ---------------------------------------------------------------------------------------------------

  private readonly afterFrom: Rule<[], AfterFrom> = this.RULE("afterFrom", (): AfterFrom => {
    let where: tree.Expression | undefined;
    let groupBy: tree.GroupBy | undefined;
    let having: tree.Expression | undefined;
    this.OPTION1(() => {
      this.CONSUME(K.WHERE);
      where = this.SUBRULE1(this.expression);
    });
    this.OPTION2(() => {
      groupBy = this.SUBRULE(this.groupBy);
    });
    this.OPTION3(() => {
      this.CONSUME(K.HAVING);
      having = this.SUBRULE2(this.expression);
    });
    this.OPTION4(() => {
      this.oneOf(0, [K.WINDOW, K.QUALIFY]);
      this.refuse(`window functions (${this.LA(0).image.toUpperCase()}) are`);
    });
    return { where, groupBy, having };
  });

  private readonly groupBy: Rule<[], tree.GroupBy> = this.RULE("groupBy", (): tree.GroupBy => {
    const start = this.start();
    const expressions: tree.Expression[] = [];
    this.CONSUME(K.GROUP);
    this.CONSUME(K.BY);
    return this.OR<tree.GroupBy>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(K.ALL);
            return { kind: "groupByAll", range: this.since(start) };
          },
        },
        {
          ALT: () => {
            this.AT_LEAST_ONE_SEP({
              SEP: Comma,
              DEF: () => {
                this.ACTION(() => this.refuseGroupingSets());
                expressions.push(this.SUBRULE(this.expression));
              },
              ERR_MSG: "an expression",
            });
            return { kind: "groupByList", expressions, range: this.since(start) };
          },
        },
      ],
      ERR_MSG: "an expression or ALL",
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

  protected readonly orderItems: Rule<[], readonly tree.OrderItem[]> = this.RULE("orderItems", () => {
    const items: tree.OrderItem[] = [];
    this.OR({
      DEF: [
        {
          ALT: () => {
            const start = this.start();
            this.CONSUME(K.ALL);
            const order = this.SUBRULE1(this.direction);
            items.push({ kind: "orderAll", ...order, range: this.since(start) });
          },
        },
        {
          ALT: () => {
            this.AT_LEAST_ONE_SEP({
              SEP: Comma,
              DEF: () => {
                const start = this.start();
                const expression = this.SUBRULE(this.expression);
                const order = this.SUBRULE2(this.direction);
                items.push({ kind: "orderExpression", expression, ...order, range: this.since(start) });
              },
              ERR_MSG: "an expression",
            });
          },
        },
      ],
      ERR_MSG: "an expression",
    });
    return items;
  });

  private readonly direction: Rule<[], Direction> = this.RULE("direction", (): Direction => {
    let direction: Direction["direction"];
    let nulls: Direction["nulls"];
    this.OPTION1(() => {
      const word = this.oneOf(1, [K.ASC, K.DESC]);
      direction = word.tokenType === K.ASC ? "asc" : "desc";
    });
    this.OPTION2(() => {
      this.CONSUME(K.NULLS);
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
