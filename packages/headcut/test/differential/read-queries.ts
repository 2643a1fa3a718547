export interface DifferentialQuery {
  readonly line: number;
  readonly sql: string;
  readonly ordered: boolean;
}

/** Paragraphs of SQL; a paragraph of comments alone is prose. */
export const readQueries = (text: string): DifferentialQuery[] => {
  const queries: DifferentialQuery[] = [];
  let line = 1;
  for (const paragraph of text.split("\n\n")) {
    const sql = paragraph.replace(/^--.*$/gm, "").trim();
    if (sql !== "") queries.push({ line, sql, ordered: /^-- ordered$/m.test(paragraph) });
    line += paragraph.split("\n").length + 1;
  }
  return queries;
};
