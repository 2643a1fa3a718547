import { scan } from "./tokenize.ts";
import { Semicolon } from "./tokens.ts";

/**
 * Whether a shell may run the text, or should ask for another line: true when it ends with a semicolon, comments and spaces aside, or
 * holds no statement at all. A semicolon within a string, a quoted name or a comment does not count. One within open
 * parentheses does, since it ends the statement for `parse` too: its error is better than a prompt that never ends.
 */
export const isComplete = (sql: string): boolean => {
  const { tokens, unclosed } = scan(sql);
  if (unclosed !== undefined) return false;
  const last = tokens.at(-1);
  return last === undefined || last.tokenType === Semicolon;
};
