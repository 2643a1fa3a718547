import { K, Name } from "../keywords.ts";
import { Comma, LBracket, LParen, NumberLiteral, RParen } from "../tokens.ts";
import type * as tree from "../tree.ts";
import { BaseGrammar } from "./base-grammar.ts";
import type { Rule } from "./parser.ts";

/** Type names; which of them exist is for `dataTypeOf` to say. */
export abstract class TypeGrammar extends BaseGrammar {
  protected readonly typeName: Rule<[], tree.TypeName> = this.rule("typeName", (): tree.TypeName => {
    const start = this.start();
    const args: number[] = [];
    const words = [this.consume(Name, "a type name").image.toUpperCase().replaceAll('"', "")];
    this.option(1, {
      gate: () => words[0] === "DOUBLE",
      parse: () => words.push(this.consume(K.PRECISION).image.toUpperCase()),
    });
    this.option(2, {
      gate: () => words[0]!.startsWith("CHAR"),
      parse: () => words.push(this.consume(K.VARYING).image.toUpperCase()),
    });
    this.option(3, () => {
      this.consume(LParen);
      this.atLeastOneSeparated(0, {
        separator: Comma,
        parse: () => args.push(Number(this.consume(NumberLiteral).image)),
        expected: "a number",
      });
      this.consume(RParen);
    });
    this.option(4, {
      gate: () => this.isZoned(words[0]!),
      parse: () => {
        words.push(this.oneOf(0, [K.WITH, K.WITHOUT]).image.toUpperCase());
        words.push(this.consume(K.TIME).image.toUpperCase(), this.consume(K.ZONE).image.toUpperCase());
      },
    });
    this.option(5, () => {
      this.consume(LBracket);
      this.refuse("list types are");
    });
    return { kind: "typeName", name: words.join(" "), args, range: this.since(start) };
  });

  private isZoned(word: string): boolean {
    return (word === "TIMESTAMP" || word === "TIME") && this.follows(2, K.TIME);
  }
}
