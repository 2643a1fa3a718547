import { QueryError } from "@headcut/plan";

/** A constant LIKE pattern, by how it is matched. */
export type LikePattern =
  | { readonly kind: "equal" | "prefix" | "suffix" | "contains"; readonly text: string }
  /** Literal pieces with % between them; before the first and after the last unless anchored. */
  | {
      readonly kind: "pieces";
      readonly pieces: readonly string[];
      readonly anchoredStart: boolean;
      readonly anchoredEnd: boolean;
    }
  /** With _ : matched character by character. */
  | { readonly kind: "general" };

export const analysePattern = (pattern: string, escaped: string | undefined): LikePattern => {
  const pieces: string[] = [""];
  let general = false;
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    let character = characters[i]!;
    if (character === escaped) {
      i++;
      if (i === characters.length) {
        throw new QueryError("invalid-argument", "a LIKE pattern must not end with its escape character");
      }
      character = characters[i]!;
    } else if (character === "%") {
      pieces.push("");
      continue;
    } else if (character === "_") {
      general = true;
    }
    pieces[pieces.length - 1] += character;
  }
  if (general) return { kind: "general" };
  if (pieces.length === 1) return { kind: "equal", text: pieces[0]! };
  const anchoredStart = pieces[0] !== "";
  const anchoredEnd = pieces.at(-1) !== "";
  const texts = pieces.filter((piece) => piece !== "");
  if (texts.length === 0) return { kind: "prefix", text: "" };
  if (texts.length === 1) {
    if (anchoredStart) return { kind: "prefix", text: texts[0]! };
    return { kind: anchoredEnd ? "suffix" : "contains", text: texts[0]! };
  }
  return { kind: "pieces", pieces: texts, anchoredStart, anchoredEnd };
};
