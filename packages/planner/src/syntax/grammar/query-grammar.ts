import { EOF, type IToken } from "chevrotain";
import { K, Name } from "../keywords.ts";
import { Comma, LParen, Modulo, RParen } from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./base-grammar.ts";
import { SelectGrammar } from "./select-grammar.ts";

const UNION = 1;
const INTERSECT = 2;

/** Whole queries: WITH, set operations, VALUES, ORDER BY, LIMIT. */
export abstract class QueryGrammar extends SelectGrammar {
  protected readonly query: Rule<[], tree.Query> = this.RULE("query", (): tree.Query => {
    const start = this.enter();
    let commonTables: readonly tree.CommonTable[] = [];
    let orderBy: readonly tree.OrderItem[] = [];
    this.OPTION1(() => {
      commonTables = this.SUBRULE(this.withClause);
    });
    const body = this.SUBRULE(this.queryBody, { ARGS: [UNION] });
    this.OPTION2(() => {
      this.CONSUME(K.ORDER);
      this.CONSUME(K.BY);
      orderBy = this.SUBRULE(this.orderItems);
    });
    const { limit, offset } = this.SUBRULE(this.limits);
    this.leave();
    const bare = commonTables.length === 0 && orderBy.length === 0 && limit === undefined && offset === undefined;
    // `(query)` with nothing around it is the query itself.
    if (bare && body.kind === "query") return body;
    return { kind: "query", with: commonTables, body, orderBy, limit, offset, range: this.since(start) };
  });

  // ---- WITH ---------------------------------------------------------------------------------------------------------

  private readonly withClause: Rule<[], readonly tree.CommonTable[]> = this.RULE("withClause", () => {
    const tables: tree.CommonTable[] = [];
    this.CONSUME(K.WITH);
    this.OPTION({
      GATE: () => this.follows(2, Name),
      DEF: () => {
        this.CONSUME(K.RECURSIVE);
        this.refuse("WITH RECURSIVE is");
      },
    });
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => tables.push(this.SUBRULE(this.commonTable)),
      ERR_MSG: "a name for the subquery",
    });
    return tables;
  });

  private readonly commonTable: Rule<[], tree.CommonTable> = this.RULE("commonTable", (): tree.CommonTable => {
    const start = this.start();
    let columns: readonly tree.Identifier[] = [];
    let materialized: boolean | undefined;
    const name = this.name(0, "a name for the subquery");
    this.OPTION1(() => {
      columns = this.SUBRULE(this.columnNames);
    });
    this.CONSUME(K.AS);
    this.OPTION2(() => {
      const negated = this.flag(3, K.NOT);
      this.CONSUME(K.MATERIALIZED);
      materialized = !negated;
    });
    this.CONSUME(LParen);
    const query = this.SUBRULE(this.query);
    this.CONSUME(RParen);
    return { kind: "commonTable", name, columns, materialized, query, range: this.since(start) };
  });

  // ---- set operations -----------------------------------------------------------------------------------------------

  private readonly queryBody: Rule<[loosest: number], tree.QueryBody> = this.RULE(
    "queryBody",
    (loosest: number): tree.QueryBody => {
      const start = this.start();
      let left = this.SUBRULE(this.queryTerm);
      this.MANY({
        GATE: () => (this.LA(1).tokenType === K.INTERSECT ? INTERSECT : UNION) >= loosest,
        DEF: () => {
          const word = this.SUBRULE(this.setOperator);
          const all = this.SUBRULE(this.allOrDistinct);
          const isIntersect = word.tokenType === K.INTERSECT;
          const right = this.SUBRULE(this.queryBody, { ARGS: [(isIntersect ? INTERSECT : UNION) + 1] });
          const op = isIntersect ? "intersect" : word.tokenType === K.UNION ? "union" : "except";
          left = { kind: "setOperation", op, all, left, right, range: this.since(start) };
        },
      });
      return left;
    },
  );

  private readonly setOperator: Rule<[], IToken> = this.RULE("setOperator", () =>
    this.oneOf(0, [K.UNION, K.INTERSECT, K.EXCEPT]),
  );

  private readonly allOrDistinct: Rule<[], boolean> = this.RULE("allOrDistinct", () => {
    const all = this.flag(1, K.ALL);
    this.flag(2, K.DISTINCT);
    this.OPTION3(() => {
      this.CONSUME(K.BY);
      this.refuse("set operations BY NAME are", "list the columns of both sides in the same order");
    });
    return all;
  });

  private readonly queryTerm: Rule<[], tree.QueryBody> = this.RULE(
    "queryTerm",
    (): tree.QueryBody =>
      this.OR<tree.QueryBody>({
        DEF: [
          { ALT: () => this.SUBRULE(this.select) },
          { ALT: () => this.SUBRULE(this.fromFirst) },
          { ALT: () => this.SUBRULE(this.values) },
          { ALT: () => this.SUBRULE(this.wholeTable) },
          {
            ALT: () => {
              this.CONSUME(LParen);
              const query = this.SUBRULE(this.query);
              this.CONSUME(RParen);
              return isBare(query) ? query.body : query;
            },
          },
        ],
        ERR_MSG: "a query (SELECT, FROM, VALUES or WITH)",
      }),
  );

  private readonly values: Rule<[], tree.Values> = this.RULE("values", (): tree.Values => {
    const start = this.start();
    const rows: tree.ValuesRow[] = [];
    this.CONSUME(K.VALUES);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        const rowStart = this.start();
        this.CONSUME(LParen);
        const items = this.SUBRULE(this.expressions);
        this.CONSUME(RParen);
        rows.push({ kind: "valuesRow", items, range: this.since(rowStart) });
      },
      ERR_MSG: "a row of values in parentheses",
    });
    return { kind: "values", rows, range: this.since(start) };
  });

  protected readonly valuesQuery: Rule<[], tree.Query> = this.RULE("valuesQuery", (): tree.Query => {
    const start = this.start();
    const body = this.SUBRULE(this.values);
    const range = this.since(start);
    return { kind: "query", with: [], body, orderBy: [], limit: undefined, offset: undefined, range };
  });

  // ---- LIMIT --------------------------------------------------------------------------------------------------------

  private readonly limits: Rule<[], Limits> = this.RULE("limits", (): Limits => {
    let limit: tree.Expression | undefined;
    let offset: tree.Expression | undefined;
    this.MANY(() => {
      this.ACTION(() => {
        const isOffset = this.LA(1).tokenType === K.OFFSET;
        if ((isOffset ? offset : limit) !== undefined) this.reject(`found a second ${isOffset ? "OFFSET" : "LIMIT"}`);
      });
      this.OR([
        {
          ALT: () => {
            limit = this.SUBRULE(this.limit);
          },
        },
        {
          ALT: () => {
            limit = this.SUBRULE(this.fetch);
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.OFFSET);
            offset = this.SUBRULE(this.expression);
            this.OPTION(() => this.SUBRULE(this.rowWord));
          },
        },
      ]);
    });
    return { limit, offset };
  });

  private readonly limit: Rule<[], tree.Expression | undefined> = this.RULE("limit", () => {
    let count: tree.Expression | undefined;
    this.CONSUME(K.LIMIT);
    this.ACTION(() => {
      const isShare =
        this.follows(2, K.PERCENT) || (this.follows(2, Modulo) && this.isOneOf(3, [EOF, RParen, K.OFFSET]));
      if (isShare) this.refuseNext("a LIMIT in percent is");
    });
    this.OR({
      DEF: [
        { ALT: () => this.CONSUME(K.ALL) },
        {
          ALT: () => {
            count = this.SUBRULE(this.expression);
          },
        },
      ],
      ERR_MSG: "a number of rows",
    });
    this.ACTION(() => {
      if (this.LA(1).tokenType === Comma) {
        this.reject("expected one number after LIMIT, found a comma", "LIMIT a, b is written LIMIT b OFFSET a");
      }
    });
    return count;
  });

  /** FETCH FIRST 10 ROWS ONLY */
  private readonly fetch: Rule<[], tree.Expression> = this.RULE("fetch", (): tree.Expression => {
    this.CONSUME(K.FETCH);
    const word = this.oneOf(1, [K.FIRST, K.NEXT]);
    const end = word.startOffset + word.image.length;
    let count: tree.Expression = { kind: "number", form: "integer", text: "1", range: { start: end, end } };
    this.OPTION({
      GATE: () => !this.isOneOf(1, [K.ROW, K.ROWS]),
      DEF: () => {
        count = this.SUBRULE(this.primary);
      },
    });
    this.SUBRULE(this.rowWord);
    this.OR2({
      DEF: [
        { ALT: () => this.CONSUME(K.ONLY) },
        {
          ALT: () => {
            this.CONSUME(K.WITH);
            this.refuse("FETCH … WITH TIES is");
          },
        },
      ],
      ERR_MSG: "ONLY",
    });
    return count;
  });

  private readonly rowWord: Rule<[], IToken> = this.RULE("rowWord", () => this.oneOf(0, [K.ROW, K.ROWS]));

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
