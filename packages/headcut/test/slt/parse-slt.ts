/** One record of a sqllogictest file. */
export type SltRecord =
  | { readonly kind: "statement"; readonly line: number; readonly sql: string; readonly error: string | undefined }
  | {
      readonly kind: "query";
      readonly line: number;
      readonly sql: string;
      /** Rows come in the query's order; otherwise any order will do. */
      readonly ordered: boolean;
      /** Tab-separated values, NULL as `NULL`, the empty string as `(empty)`. */
      readonly expected: readonly string[];
    };

export interface SltFile {
  readonly records: readonly SltRecord[];
}

/**
 * Reads the dialect of sqllogictest used here: records separated by blank lines;
 * `statement ok`, `statement error CODE` (a QueryErrorCode), `query` or `query ordered`, then SQL, then for queries
 * `----` and one line per row. `#` begins a comment line.
 */
export const parseSlt = (text: string): SltFile => {
  const records: SltRecord[] = [];
  const lines = text.split("\n");
  let at = 0;
  while (at < lines.length) {
    const header = lines[at]!.trim();
    if (header === "" || header.startsWith("#")) {
      at++;
      continue;
    }
    const line = at + 1;
    const body: string[] = [];
    for (at++; at < lines.length && lines[at] !== ""; at++) body.push(lines[at]!);
    const [kind, ...words] = header.split(/\s+/);
    if (kind === "statement") {
      records.push({ kind, line, sql: body.join("\n"), error: words[0] === "error" ? words[1] : undefined });
    } else if (kind === "query") {
      const rule = body.indexOf("----");
      const sql = body.slice(0, rule === -1 ? undefined : rule).join("\n");
      records.push({
        kind,
        line,
        sql,
        ordered: words.includes("ordered"),
        expected: rule === -1 ? [] : body.slice(rule + 1),
      });
    } else {
      throw new Error(`line ${line}: expected "statement" or "query", found ${header}`);
    }
  }
  return { records };
};

/** The file with the expected rows of its queries replaced, comments and spacing kept. */
export const rewriteSlt = (text: string, answers: ReadonlyMap<number, readonly string[]>): string => {
  const out: string[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    out.push(lines[at]!);
    const answer = answers.get(at + 1);
    if (answer === undefined) continue;
    for (at++; at < lines.length && lines[at] !== "" && lines[at] !== "----"; at++) out.push(lines[at]!);
    out.push("----", ...answer);
    while (at < lines.length && lines[at] !== "") at++;
    if (at < lines.length) out.push(lines[at]!);
  }
  return out.join("\n");
};

export const encodeRow = (row: readonly (string | null)[]): string =>
  row.map((value) => (value === null ? "NULL" : value === "" ? "(empty)" : value.replaceAll("\n", "\\n"))).join("\t");

export const decodeRow = (line: string): (string | null)[] =>
  line.split("\t").map((text) => (text === "NULL" ? null : text === "(empty)" ? "" : text.replaceAll("\\n", "\n")));
