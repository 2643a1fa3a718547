import { K, Name } from "../keywords.ts";
import { Comma, LBracket, LParen, NumberLiteral, RParen } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { BaseGrammar, type Rule } from "./base-grammar.ts";

/** Type names; which of them exist is for `dataTypeOf` to say. */
export abstract class TypeGrammar extends BaseGrammar {
  protected readonly typeName: Rule<[], tree.TypeName> = this.RULE("typeName", (): tree.TypeName => {
    const start = this.start();
    const args: number[] = [];
    const words = [this.CONSUME(Name, { ERR_MSG: "a type name" }).image.toUpperCase().replaceAll('"', "")];
    this.OPTION1({
      GATE: () => words[0] === "DOUBLE",
      DEF: () => words.push(this.CONSUME(K.PRECISION).image.toUpperCase()),
    });
    this.OPTION2({
      GATE: () => words[0]!.startsWith("CHAR"),
      DEF: () => words.push(this.CONSUME(K.VARYING).image.toUpperCase()),
    });
    this.OPTION3(() => {
      this.CONSUME(LParen);
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => args.push(Number(this.CONSUME(NumberLiteral).image)),
        ERR_MSG: "a number",
      });
      this.CONSUME(RParen);
    });
    this.OPTION4({
      GATE: () => this.isZoned(words[0]!),
      DEF: () => {
        words.push(this.oneOf(0, [K.WITH, K.WITHOUT]).image.toUpperCase());
        words.push(this.CONSUME(K.TIME).image.toUpperCase(), this.CONSUME(K.ZONE).image.toUpperCase());
      },
    });
    this.OPTION5(() => {
      this.CONSUME(LBracket);
      this.refuse("list types are");
    });
    return { kind: "typeName", name: words.join(" "), args, range: this.since(start) };
  });

  private isZoned(word: string): boolean {
    return (word === "TIMESTAMP" || word === "TIME") && this.follows(2, K.TIME);
  }
}
