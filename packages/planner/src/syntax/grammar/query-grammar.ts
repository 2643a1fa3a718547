import { K, Name } from "../keywords.ts";
import { EOF, type Token } from "../token.ts";
import { Comma, LParen, Modulo, RParen } from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./parser.ts";
import { SelectGrammar } from "./select-grammar.ts";

const UNION = 1;
const INTERSECT = 2;

/** Whole queries: WITH, set operations, VALUES, ORDER BY, LIMIT. */
export abstract class QueryGrammar extends SelectGrammar {
  protected readonly query: Rule<[], tree.Query> = this.rule("query", (): tree.Query => {
    const start = this.enter();
    let commonTables: readonly tree.CommonTable[] = [];
    let orderBy: readonly tree.OrderItem[] = [];
    this.option(1, () => {
      commonTables = this.apply(this.withClause);
    });
    const body = this.apply(this.queryBody, UNION);
    this.option(2, () => {
      this.consume(K.ORDER);
      this.consume(K.BY);
      orderBy = this.apply(this.orderItems);
    });
    const { limit, offset } = this.apply(this.limits);
    this.leave();
    const bare = commonTables.length === 0 && orderBy.length === 0 && limit === undefined && offset === undefined;
    // `(query)` with nothing around it is the query itself.
    if (bare && body.kind === "query") return body;
    return { kind: "query", with: commonTables, body, orderBy, limit, offset, range: this.since(start) };
  });

  // ---- WITH ---------------------------------------------------------------------------------------------------------

  private readonly withClause: Rule<[], readonly tree.CommonTable[]> = this.rule("withClause", () => {
    const tables: tree.CommonTable[] = [];
    this.consume(K.WITH);
    this.option(0, {
      gate: () => this.follows(2, Name),
      parse: () => {
        this.consume(K.RECURSIVE);
        this.refuse("WITH RECURSIVE is");
      },
    });
    this.atLeastOneSeparated(0, {
      separator: Comma,
      parse: () => tables.push(this.apply(this.commonTable)),
      expected: "a name for the subquery",
    });
    return tables;
  });

  private readonly commonTable: Rule<[], tree.CommonTable> = this.rule("commonTable", (): tree.CommonTable => {
    const start = this.start();
    let columns: readonly tree.Identifier[] = [];
    let materialized: boolean | undefined;
    const name = this.name("a name for the subquery");
    this.option(1, () => {
      columns = this.apply(this.columnNames);
    });
    this.consume(K.AS);
    this.option(2, () => {
      const negated = this.flag(3, K.NOT);
      this.consume(K.MATERIALIZED);
      materialized = !negated;
    });
    this.consume(LParen);
    const query = this.apply(this.query);
    this.consume(RParen);
    return { kind: "commonTable", name, columns, materialized, query, range: this.since(start) };
  });

  // ---- set operations -----------------------------------------------------------------------------------------------

  private readonly queryBody: Rule<[loosest: number], tree.QueryBody> = this.rule(
    "queryBody",
    (loosest: number): tree.QueryBody => {
      const start = this.start();
      let left = this.apply(this.queryTerm);
      this.many(0, {
        gate: () => (this.LA(1).tokenType === K.INTERSECT ? INTERSECT : UNION) >= loosest,
        parse: () => {
          const word = this.apply(this.setOperator);
          const all = this.apply(this.allOrDistinct);
          const isIntersect = word.tokenType === K.INTERSECT;
          const right = this.apply(this.queryBody, (isIntersect ? INTERSECT : UNION) + 1);
          const op = isIntersect ? "intersect" : word.tokenType === K.UNION ? "union" : "except";
          left = { kind: "setOperation", op, all, left, right, range: this.since(start) };
        },
      });
      return left;
    },
  );

  private readonly setOperator: Rule<[], Token> = this.rule("setOperator", () =>
    this.oneOf(0, [K.UNION, K.INTERSECT, K.EXCEPT]),
  );

  private readonly allOrDistinct: Rule<[], boolean> = this.rule("allOrDistinct", () => {
    const all = this.flag(1, K.ALL);
    this.flag(2, K.DISTINCT);
    this.option(3, () => {
      this.consume(K.BY);
      this.refuse("set operations BY NAME are", "list the columns of both sides in the same order");
    });
    return all;
  });

  private readonly queryTerm: Rule<[], tree.QueryBody> = this.rule(
    "queryTerm",
    (): tree.QueryBody =>
      this.or<tree.QueryBody>(0, {
        alternatives: [
          { parse: () => this.apply(this.select) },
          { parse: () => this.apply(this.fromFirst) },
          { parse: () => this.apply(this.values) },
          { parse: () => this.apply(this.wholeTable) },
          {
            parse: () => {
              this.consume(LParen);
              const query = this.apply(this.query);
              this.consume(RParen);
              return isBare(query) ? query.body : query;
            },
          },
        ],
        expected: "a query (SELECT, FROM, VALUES or WITH)",
      }),
  );

  private readonly values: Rule<[], tree.Values> = this.rule("values", (): tree.Values => {
    const start = this.start();
    const rows: tree.ValuesRow[] = [];
    this.consume(K.VALUES);
    this.atLeastOneSeparated(0, {
      separator: Comma,
      parse: () => {
        const rowStart = this.start();
        this.consume(LParen);
        const items = this.apply(this.expressions);
        this.consume(RParen);
        rows.push({ kind: "valuesRow", items, range: this.since(rowStart) });
      },
      expected: "a row of values in parentheses",
    });
    return { kind: "values", rows, range: this.since(start) };
  });

  protected readonly valuesQuery: Rule<[], tree.Query> = this.rule("valuesQuery", (): tree.Query => {
    const start = this.start();
    const body = this.apply(this.values);
    const range = this.since(start);
    return { kind: "query", with: [], body, orderBy: [], limit: undefined, offset: undefined, range };
  });

  // ---- LIMIT --------------------------------------------------------------------------------------------------------

  private readonly limits: Rule<[], Limits> = this.rule("limits", (): Limits => {
    let limit: tree.Expression | undefined;
    let offset: tree.Expression | undefined;
    this.many(0, () => {
      this.action(() => {
        const isOffset = this.LA(1).tokenType === K.OFFSET;
        if ((isOffset ? offset : limit) !== undefined) this.reject(`found a second ${isOffset ? "OFFSET" : "LIMIT"}`);
      });
      this.or(0, [
        {
          parse: () => {
            limit = this.apply(this.limit);
          },
        },
        {
          parse: () => {
            limit = this.apply(this.fetch);
          },
        },
        {
          parse: () => {
            this.consume(K.OFFSET);
            offset = this.apply(this.expression);
            this.option(0, () => this.apply(this.rowWord));
          },
        },
      ]);
    });
    return { limit, offset };
  });

  private readonly limit: Rule<[], tree.Expression | undefined> = this.rule("limit", () => {
    let count: tree.Expression | undefined;
    this.consume(K.LIMIT);
    this.action(() => {
      const isShare =
        this.follows(2, K.PERCENT) || (this.follows(2, Modulo) && this.isOneOf(3, [EOF, RParen, K.OFFSET]));
      if (isShare) this.refuseNext("a LIMIT in percent is");
    });
    this.or(0, {
      alternatives: [
        { parse: () => this.consume(K.ALL) },
        {
          parse: () => {
            count = this.apply(this.expression);
          },
        },
      ],
      expected: "a number of rows",
    });
    this.action(() => {
      if (this.LA(1).tokenType === Comma) {
        this.reject("expected one number after LIMIT, found a comma", "LIMIT a, b is written LIMIT b OFFSET a");
      }
    });
    return count;
  });

  /** FETCH FIRST 10 ROWS ONLY */
  private readonly fetch: Rule<[], tree.Expression> = this.rule("fetch", (): tree.Expression => {
    this.consume(K.FETCH);
    const word = this.oneOf(1, [K.FIRST, K.NEXT]);
    const end = word.startOffset + word.image.length;
    let count: tree.Expression = { kind: "number", form: "integer", text: "1", range: { start: end, end } };
    this.option(0, {
      gate: () => !this.isOneOf(1, [K.ROW, K.ROWS]),
      parse: () => {
        count = this.apply(this.primary);
      },
    });
    this.apply(this.rowWord);
    this.or(2, {
      alternatives: [
        { parse: () => this.consume(K.ONLY) },
        {
          parse: () => {
            this.consume(K.WITH);
            this.refuse("FETCH … WITH TIES is");
          },
        },
      ],
      expected: "ONLY",
    });
    return count;
  });

  private readonly rowWord: Rule<[], Token> = this.rule("rowWord", () => this.oneOf(0, [K.ROW, K.ROWS]));

  // ---- parentheses --------------------------------------------------------------------------------------------------

  /**
   * A parenthesis opens a query when a query's first word follows it, or when a parenthesised query follows and then
   * the end of the parenthesis or what only a query can go on with: `((SELECT 1) UNION …` but not `((SELECT 1) + …`.
   */
  protected opensQuery(ahead: number): boolean {
    let depth = 0;
    while (this.LA(ahead + depth).tokenType === LParen) depth += 1;
    if (depth === 0 || !this.isOneOf(ahead + depth, queryStarts)) return false;
    let next = ahead + depth;
    for (let level = depth; level > 1; level--) {
      next = this.afterParenthesis(next);
      if (!this.isOneOf(next, queryContinuations)) return false;
      // The rest of this level's query is skipped by the next round.
    }
    return true;
  }

  /** The place after the `)` that closes the parenthesis in which the `ahead`-th token stands. */
  private afterParenthesis(ahead: number): number {
    let open = 1;
    for (let place = ahead; ; place++) {
      const token = this.LA(place);
      if (token.tokenType === LParen) open += 1;
      if (token.tokenType === RParen) open -= 1;
      if (open === 0) return place + 1;
      if (Number.isNaN(token.startOffset)) return place;
    }
  }
}

interface Limits {
  readonly limit: tree.Expression | undefined;
  readonly offset: tree.Expression | undefined;
}

const queryStarts = [K.SELECT, K.WITH, K.FROM, K.VALUES, K.TABLE];
const queryContinuations = [RParen, K.UNION, K.INTERSECT, K.EXCEPT, K.ORDER, K.LIMIT, K.OFFSET, K.FETCH];

const isBare = (query: tree.Query): boolean =>
  query.with?.length === 0 && query.orderBy.length === 0 && query.limit === undefined && query.offset === undefined;
