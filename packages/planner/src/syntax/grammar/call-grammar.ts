import type { IToken } from "chevrotain";
import { FunctionName, K, Name } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { PRECEDENCE } from "../precedence.ts";
import { isA } from "../tokenize.ts";
import { Comma, LParen, RParen, Star, StringLiteral } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { identifier, type Rule } from "./base-grammar.ts";
import { ExpressionGrammar, plainCall } from "./expression-grammar.ts";

/** Functions, aggregates with all that may follow them, and the calls with a syntax of their own. */
export abstract class CallGrammar extends ExpressionGrammar {
  protected abstract readonly orderItems: Rule<[], readonly tree.OrderItem[]>;

  protected readonly call: Rule<[], tree.Call> = this.RULE("call", (): tree.Call => {
    const start = this.start();
    let star = false;
    let distinct = false;
    let args: readonly tree.Expression[] = [];
    let orderBy: readonly tree.OrderItem[] = [];
    let withinGroup: readonly tree.OrderItem[] = [];
    let filter: tree.Expression | undefined;
    const name = identifier(this.CONSUME(FunctionName));
    this.CONSUME1(LParen);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(Star);
          star = true;
        },
      },
      {
        ALT: () => {
          this.OPTION1(() => {
            this.OR1([
              {
                ALT: () => {
                  this.CONSUME(K.DISTINCT);
                  distinct = true;
                },
              },
              { ALT: () => this.CONSUME(K.ALL) },
            ]);
          });
          args = this.SUBRULE(this.expressions);
          this.OPTION2(() => {
            this.CONSUME(K.ORDER);
            this.CONSUME(K.BY);
            orderBy = this.SUBRULE1(this.orderItems);
          });
        },
      },
      { ALT: () => undefined },
    ]);
    this.CONSUME1(RParen);
    this.OPTION3({
      GATE: () => this.isWord(2, "GROUP"),
      DEF: () => {
        this.CONSUME(K.WITHIN);
        this.CONSUME(K.GROUP);
        this.CONSUME2(LParen);
        this.CONSUME2(K.ORDER);
        this.CONSUME2(K.BY);
        withinGroup = this.SUBRULE2(this.orderItems);
        this.CONSUME2(RParen);
      },
    });
    this.OPTION4({
      GATE: () => this.follows(2, LParen),
      DEF: () => {
        this.CONSUME(K.FILTER);
        this.CONSUME3(LParen);
        this.flag(5, K.WHERE);
        filter = this.SUBRULE3(this.expression);
        this.CONSUME3(RParen);
      },
    });
    this.OPTION6({
      GATE: () => this.follows(2, LParen) || this.follows(2, Name),
      DEF: () => {
        this.CONSUME(K.OVER);
        this.refuse("window functions (OVER) are");
      },
    });
    return { kind: "call", name, args, star, distinct, orderBy, withinGroup, filter, range: this.since(start) };
  });

  // ---- calls with a syntax of their own -----------------------------------------------------------------------------

  protected startsSpecialCall(): boolean {
    return this.follows(2, LParen) && this.isOneOf(1, specialCalls);
  }

  protected readonly specialCall: Rule<[], tree.Expression> = this.RULE(
    "specialCall",
    (): tree.Expression =>
      this.OR([
        { ALT: () => this.SUBRULE(this.extract) },
        { ALT: () => this.SUBRULE(this.substring) },
        { ALT: () => this.SUBRULE(this.position) },
        { ALT: () => this.SUBRULE(this.trim) },
        { ALT: () => this.SUBRULE(this.row) },
      ]),
  );

  private readonly extract: Rule<[], tree.Extract> = this.RULE("extract", (): tree.Extract => {
    const start = this.start();
    this.CONSUME(K.EXTRACT);
    this.CONSUME(LParen);
    const field = this.oneOf(0, [Name, StringLiteral], "a part of a date such as YEAR");
    this.CONSUME(K.FROM);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(RParen);
    const text = isA(field, StringLiteral) ? stringValue(field) : identifier(field).name;
    return { kind: "extract", field: text.toLowerCase(), operand, range: this.since(start) };
  });

  private readonly substring: Rule<[], tree.Call> = this.RULE("substring", (): tree.Call => {
    const start = this.start();
    const name = identifier(this.CONSUME(K.SUBSTRING));
    this.CONSUME(LParen);
    const args = [this.SUBRULE1(this.expression)];
    this.OR([
      {
        ALT: () => {
          this.CONSUME1(K.FROM);
          args.push(this.SUBRULE2(this.expression));
          this.OPTION1(() => {
            this.CONSUME1(K.FOR);
            args.push(this.SUBRULE3(this.expression));
          });
        },
      },
      {
        ALT: () => {
          const first = this.start();
          this.CONSUME2(K.FOR);
          const length = this.SUBRULE4(this.expression);
          let from: tree.Expression = { kind: "number", form: "integer", text: "1", range: this.since(first) };
          this.OPTION2(() => {
            this.CONSUME2(K.FROM);
            from = this.SUBRULE5(this.expression);
          });
          args.push(from, length);
        },
      },
      {
        ALT: () => {
          this.MANY(() => {
            this.CONSUME(Comma);
            args.push(this.SUBRULE6(this.expression));
          });
        },
      },
    ]);
    this.CONSUME(RParen);
    return plainCall(name, args, this.since(start));
  });

  private readonly position: Rule<[], tree.Call> = this.RULE("position", (): tree.Call => {
    const start = this.start();
    const name = identifier(this.CONSUME(K.POSITION));
    this.CONSUME(LParen);
    const part = this.SUBRULE1(this.expression, { ARGS: [PRECEDENCE.other] });
    this.CONSUME(K.IN);
    const whole = this.SUBRULE2(this.expression);
    this.CONSUME(RParen);
    return plainCall(name, [whole, part], this.since(start));
  });

  private readonly trim: Rule<[], tree.Call> = this.RULE("trim", (): tree.Call => {
    const start = this.start();
    const word = this.CONSUME(K.TRIM);
    let side: IToken | undefined;
    let args: readonly tree.Expression[] = [];
    this.CONSUME(LParen);
    this.OPTION1(() => {
      side = this.oneOf(1, [K.LEADING, K.TRAILING, K.BOTH]);
    });
    this.OR2([
      {
        ALT: () => {
          this.CONSUME1(K.FROM);
          args = this.SUBRULE1(this.expressions);
        },
      },
      {
        ALT: () => {
          args = this.SUBRULE2(this.expressions);
          this.OPTION2(() => {
            this.CONSUME2(K.FROM);
            const trimmed = this.SUBRULE3(this.expressions);
            this.ACTION(() => {
              args = [...trimmed, ...args];
            });
          });
        },
      },
    ]);
    this.CONSUME(RParen);
    const plain = identifier(word);
    const name = side?.tokenType === K.LEADING ? "ltrim" : side?.tokenType === K.TRAILING ? "rtrim" : plain.name;
    return plainCall({ ...plain, name }, args, this.since(start));
  });

  private readonly row: Rule<[], tree.Row> = this.RULE("row", (): tree.Row => {
    const start = this.start();
    this.CONSUME(K.ROW);
    this.CONSUME(LParen);
    const items = this.SUBRULE(this.expressions);
    this.CONSUME(RParen);
    return { kind: "row", items, range: this.since(start) };
  });
}

const specialCalls = [K.EXTRACT, K.SUBSTRING, K.POSITION, K.TRIM, K.ROW];
