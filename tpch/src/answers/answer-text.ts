import type { Answer, AnswerColumn, AnswerType } from "./answer.ts";

// Answers as text: for every query a line `@ number name:type …`, then a line for every row, whose values are
// separated by bars. No value of TPC-H contains a bar or begins with an at sign.

const NULL = "\\N";

/** Writes the answers of several queries, by query number. */
export function formatAnswers(answers: ReadonlyMap<number, Answer>): string {
  const lines: string[] = [];
  for (const [number, { columns, rows }] of answers) {
    lines.push(`@ ${number} ${columns.map(({ name, type }) => `${name}:${type}`).join(" ")}`);
    for (const row of rows) lines.push(row.map((value) => value ?? NULL).join("|"));
  }
  return `${lines.join("\n")}\n`;
}

function parseColumn(text: string): AnswerColumn {
  const colon = text.lastIndexOf(":");
  return { name: text.slice(0, colon), type: text.slice(colon + 1) as AnswerType };
}

/** Reads what `formatAnswers` has written. */
export function parseAnswers(text: string): Map<number, Answer> {
  const answers = new Map<number, Answer>();
  let rows: (string | null)[][] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    if (line.startsWith("@ ")) {
      const [, number, ...columns] = line.split(" ");
      rows = [];
      answers.set(Number(number), { columns: columns.map(parseColumn), rows });
    } else rows.push(line.split("|").map((value) => (value === NULL ? null : value)));
  }
  return answers;
}
