import { expect, test } from "vitest";
import { EOF, type Token, tokenType } from "../token.ts";
import { Mismatch, Parser, type Rule } from "./parser.ts";

const word = tokenType("Word");
const [a, b, c, comma] = [tokenType("a", word), tokenType("b", word), tokenType("c", word), tokenType("comma")];
const named = new Map([a, b, c, comma].map((type) => [type.name, type]));

class Letters extends Parser {
  bodies = 0;

  parse(text: string): unknown {
    const tokens = text
      .split(" ")
      .map((image, startOffset): Token => ({ image, startOffset, tokenType: named.get(image) ?? EOF }));
    return this.parseAll(this.list, tokens);
  }

  private readonly list: Rule<[], string[]> = this.rule("list", () => {
    const out: string[] = [];
    this.manySeparated(0, { separator: comma, parse: () => out.push(this.apply(this.item, out.length)) });
    return out;
  });

  /** `a`, with any number of `b` before the third item; `c`, which may be followed by one; nothing is an item too. */
  private readonly item: Rule<[index: number], string> = this.rule("item", (index: number) => {
    this.bodies++;
    return this.or<string>(0, [
      {
        gate: () => index < 3,
        parse: () => {
          let text = this.consume(a, "an a").image;
          this.many(0, { gate: () => index < 2, parse: () => (text += this.consume(b).image) });
          return text;
        },
      },
      {
        parse: () => {
          let text = "";
          this.atLeastOne(0, { parse: () => (text += this.consume(c).image), expected: "a c" });
          this.option(0, () => {
            text += this.consume(b).image;
          });
          return text;
        },
      },
    ]);
  });
}

const failure = (text: string): [number, string] => {
  try {
    return [-1, JSON.stringify(new Letters().parse(text))];
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return [error.token.startOffset, error.expected];
  }
};

test("tokens choose, gates may forbid", () => {
  const letters = new Letters();
  expect(letters.parse("a b b comma c c b comma a")).toEqual(["abb", "ccb", "a"]);
  expect(letters.parse("")).toEqual([]);
  // Four items were read; the rule was run once more to learn it.
  expect(letters.bodies).toBe(4);
});

test("the first token that does not fit is named, and what was to come", () => {
  expect(failure("a b a")).toEqual([2, ""]);
  expect(failure("a comma comma")).toEqual([2, "an expression"]);
  expect(failure("a comma a comma a b")).toEqual([5, ""]);
  expect(failure("a comma a comma a comma a")).toEqual([6, "an expression"]);
  expect(failure("b")).toEqual([0, ""]);
});

test("two choices of one number in a rule are a mistake of the grammar", () => {
  class Twice extends Parser {
    private readonly both: Rule<[], void> = this.rule("both", () => {
      this.option(0, () => this.consume(a));
      this.option(0, () => this.consume(b));
    });
    parse = (): void => this.parseAll(this.both, []);
  }
  expect(() => new Twice().parse()).toThrow(/two choices/);
});
