import { QueryError } from "@headcut/plan";
import type { IRecognitionException, IToken } from "chevrotain";
export const syntaxError = (sql: string, tokens: readonly IToken[], e: IRecognitionException): QueryError => {
  return new QueryError("syntax", `expected ${e.message} found ${e.token.image}`, {
    range: { start: e.token.startOffset, end: e.token.startOffset + 1 },
  });
};
