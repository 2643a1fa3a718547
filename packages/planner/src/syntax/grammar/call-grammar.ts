import { FunctionName, K, Name } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { PRECEDENCE } from "../precedence.ts";
import type { Token } from "../token.ts";
import { isA } from "../token.ts";
import { Comma, LParen, RParen, Star, StringLiteral } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { identifier } from "./base-grammar.ts";
import { ExpressionGrammar, plainCall } from "./expression-grammar.ts";
import type { Rule } from "./parser.ts";

/** Functions, aggregates with all that may follow them, and the calls with a syntax of their own. */
export abstract class CallGrammar extends ExpressionGrammar {
  protected abstract readonly orderItems: Rule<[], readonly tree.OrderItem[]>;

  protected readonly call: Rule<[], tree.Call> = this.rule("call", (): tree.Call => {
    const start = this.start();
    let star = false;
    let distinct = false;
    let args: readonly tree.Expression[] = [];
    let orderBy: readonly tree.OrderItem[] = [];
    let withinGroup: readonly tree.OrderItem[] = [];
    let filter: tree.Expression | undefined;
    const name = identifier(this.consume(FunctionName));
    this.consume(LParen);
    this.or(0, [
      {
        parse: () => {
          this.consume(Star);
          star = true;
        },
      },
      {
        parse: () => {
          this.option(1, () => {
            this.or(1, [
              {
                parse: () => {
                  this.consume(K.DISTINCT);
                  distinct = true;
                },
              },
              { parse: () => this.consume(K.ALL) },
            ]);
          });
          args = this.apply(this.expressions);
          this.option(2, () => {
            this.consume(K.ORDER);
            this.consume(K.BY);
            orderBy = this.apply(this.orderItems);
          });
        },
      },
      { parse: () => undefined },
    ]);
    this.consume(RParen);
    this.option(3, {
      gate: () => this.isWord(2, "GROUP"),
      parse: () => {
        this.consume(K.WITHIN);
        this.consume(K.GROUP);
        this.consume(LParen);
        this.consume(K.ORDER);
        this.consume(K.BY);
        withinGroup = this.apply(this.orderItems);
        this.consume(RParen);
      },
    });
    this.option(4, {
      gate: () => this.follows(2, LParen),
      parse: () => {
        this.consume(K.FILTER);
        this.consume(LParen);
        this.flag(5, K.WHERE);
        filter = this.apply(this.expression);
        this.consume(RParen);
      },
    });
    this.option(6, {
      gate: () => this.follows(2, LParen) || this.follows(2, Name),
      parse: () => {
        this.consume(K.OVER);
        this.refuse("window functions (OVER) are");
      },
    });
    return { kind: "call", name, args, star, distinct, orderBy, withinGroup, filter, range: this.since(start) };
  });

  // ---- calls with a syntax of their own -----------------------------------------------------------------------------

  protected startsSpecialCall(): boolean {
    return this.follows(2, LParen) && this.isOneOf(1, specialCalls);
  }

  protected readonly specialCall: Rule<[], tree.Expression> = this.rule(
    "specialCall",
    (): tree.Expression =>
      this.or<tree.Expression>(0, [
        { parse: () => this.apply(this.extract) },
        { parse: () => this.apply(this.substring) },
        { parse: () => this.apply(this.position) },
        { parse: () => this.apply(this.trim) },
        { parse: () => this.apply(this.row) },
      ]),
  );

  private readonly extract: Rule<[], tree.Extract> = this.rule("extract", (): tree.Extract => {
    const start = this.start();
    this.consume(K.EXTRACT);
    this.consume(LParen);
    const field = this.oneOf(0, [Name, StringLiteral], "a part of a date such as YEAR");
    this.consume(K.FROM);
    const operand = this.apply(this.expression);
    this.consume(RParen);
    const text = isA(field, StringLiteral) ? stringValue(field) : identifier(field).name;
    return { kind: "extract", field: text.toLowerCase(), operand, range: this.since(start) };
  });

  private readonly substring: Rule<[], tree.Call> = this.rule("substring", (): tree.Call => {
    const start = this.start();
    const name = identifier(this.consume(K.SUBSTRING));
    this.consume(LParen);
    const args = [this.apply(this.expression)];
    this.or(0, [
      {
        parse: () => {
          this.consume(K.FROM);
          args.push(this.apply(this.expression));
          this.option(1, () => {
            this.consume(K.FOR);
            args.push(this.apply(this.expression));
          });
        },
      },
      {
        parse: () => {
          const first = this.start();
          this.consume(K.FOR);
          const length = this.apply(this.expression);
          let from: tree.Expression = { kind: "number", form: "integer", text: "1", range: this.since(first) };
          this.option(2, () => {
            this.consume(K.FROM);
            from = this.apply(this.expression);
          });
          args.push(from, length);
        },
      },
      {
        parse: () => {
          this.many(0, () => {
            this.consume(Comma);
            args.push(this.apply(this.expression));
          });
        },
      },
    ]);
    this.consume(RParen);
    return plainCall(name, args, this.since(start));
  });

  private readonly position: Rule<[], tree.Call> = this.rule("position", (): tree.Call => {
    const start = this.start();
    const name = identifier(this.consume(K.POSITION));
    this.consume(LParen);
    const part = this.apply(this.expression, PRECEDENCE.other);
    this.consume(K.IN);
    const whole = this.apply(this.expression);
    this.consume(RParen);
    return plainCall(name, [whole, part], this.since(start));
  });

  private readonly trim: Rule<[], tree.Call> = this.rule("trim", (): tree.Call => {
    const start = this.start();
    const word = this.consume(K.TRIM);
    let side: Token | undefined;
    let args: readonly tree.Expression[] = [];
    this.consume(LParen);
    this.option(1, () => {
      side = this.oneOf(1, [K.LEADING, K.TRAILING, K.BOTH]);
    });
    this.or(2, [
      {
        parse: () => {
          this.consume(K.FROM);
          args = this.apply(this.expressions);
        },
      },
      {
        parse: () => {
          args = this.apply(this.expressions);
          this.option(2, () => {
            this.consume(K.FROM);
            const trimmed = this.apply(this.expressions);
            this.action(() => {
              args = [...trimmed, ...args];
            });
          });
        },
      },
    ]);
    this.consume(RParen);
    const plain = identifier(word);
    const name = side?.tokenType === K.LEADING ? "ltrim" : side?.tokenType === K.TRAILING ? "rtrim" : plain.name;
    return plainCall({ ...plain, name }, args, this.since(start));
  });

  private readonly row: Rule<[], tree.Row> = this.rule("row", (): tree.Row => {
    const start = this.start();
    this.consume(K.ROW);
    this.consume(LParen);
    const items = this.apply(this.expressions);
    this.consume(RParen);
    return { kind: "row", items, range: this.since(start) };
  });
}

const specialCalls = [K.EXTRACT, K.SUBSTRING, K.POSITION, K.TRIM, K.ROW];
