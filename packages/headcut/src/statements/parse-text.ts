import { parse, type Statement } from "@headcut/planner";

/** Texts that were parsed lately, oldest first. Their statements never change, so that plans can be kept by them. */
const texts = new Map<string, readonly Statement[]>();
const MAX_TEXTS = 128;
/** Longer ones are data rather than questions, and are not asked twice. */
const MAX_LENGTH = 64 * 1024;

/** The statements of a text; the same objects when it was parsed lately. Throws QueryError "syntax". */
export const parseText = (sql: string): readonly Statement[] => {
  const known = texts.get(sql);
  const statements = known ?? parse(sql);
  if (sql.length > MAX_LENGTH) return statements;
  texts.delete(sql);
  texts.set(sql, statements);
  if (texts.size > MAX_TEXTS) texts.delete(texts.keys().next().value!);
  return statements;
};
