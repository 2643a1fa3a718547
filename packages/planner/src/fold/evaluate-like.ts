import { QueryError } from "@headcut/plan";

type Part = { readonly kind: "any" | "one" } | { readonly kind: "text"; readonly character: string };

/** `%` any characters, `_` one; the escape character takes the meaning from the character after it. */
const parsePattern = (pattern: string, escapeCharacter: string | undefined): readonly Part[] => {
  const characters = [...pattern];
  const parts: Part[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === escapeCharacter) {
      const next = characters[++i];
      if (next === undefined) {
        throw new QueryError("invalid-argument", "a LIKE pattern cannot end with its escape character");
      }
      parts.push({ kind: "text", character: next });
    } else if (character === "%") parts.push({ kind: "any" });
    else if (character === "_") parts.push({ kind: "one" });
    else parts.push({ kind: "text", character });
  }
  return parts;
};

/** The text that alone matches the pattern; undefined when it has wildcards. */
export const literalPattern = (pattern: string, escapeCharacter: string | undefined): string | undefined => {
  const parts = parsePattern(pattern, escapeCharacter);
  return parts.every((part) => part.kind === "text") ? parts.map((part) => part.character).join("") : undefined;
};

/** Whether the text, as a whole, matches the pattern. */
export const evaluateLike = (
  text: string,
  pattern: string,
  escapeCharacter: string | undefined,
  caseInsensitive: boolean,
): boolean => {
  const fold = (value: string): string => (caseInsensitive ? value.toLowerCase() : value);
  const characters = [...fold(text)];
  const parts = parsePattern(fold(pattern), escapeCharacter && fold(escapeCharacter));
  // Greedy with one point to return to: a later `%` makes earlier ones irrelevant.
  let at = 0;
  let part = 0;
  let returnAt = 0;
  let returnPart = -1;
  while (at < characters.length) {
    const current = parts[part];
    if (current?.kind === "any") {
      returnPart = part++;
      returnAt = at;
    } else if (current?.kind === "one" || (current?.kind === "text" && current.character === characters[at])) {
      part++;
      at++;
    } else if (returnPart >= 0) {
      part = returnPart + 1;
      at = ++returnAt;
    } else return false;
  }
  return parts.slice(part).every(({ kind }) => kind === "any");
};
