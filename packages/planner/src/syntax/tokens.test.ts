import { expect, test } from "vitest";
import { lexicon } from "./tokens.ts";

const CHARACTERS = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

test("patterns match nothing that begins otherwise than they say", () => {
  // What may follow a first character for any pattern to match, as far as patterns look.
  const rests = [
    "",
    "a",
    "'",
    "''",
    '"',
    "0",
    "x1",
    "1",
    "=",
    ">",
    "<",
    "/",
    "*",
    "-",
    "|",
    ":",
    "~~",
    "@",
    "&",
    "$",
    "$$",
  ];
  for (const { type, starts, beyondAscii, match } of lexicon) {
    for (const first of CHARACTERS) {
      const matches = rests.some((rest) => match(first + rest, 0) > 0);
      expect(matches && !starts.includes(first) && type?.name, `${type?.name} ${JSON.stringify(first)}`).toBe(false);
    }
    const beyond = ["\u00a0", "\u00e9", "\u3042", "\u2028"].some((first) => match(first, 0) > 0);
    expect(beyond && !beyondAscii).toBe(false);
  }
});
