import { readFileSync } from "node:fs";
import { join } from "node:path";

const docs = join(import.meta.dirname, "../../../../docs");

export const docPath = (name: string): string => join(docs, name);

/** The fenced blocks of a page in one language, each with the line it begins on. */
export const codeBlocks = (page: string, language: string): { readonly line: number; readonly code: string }[] => {
  const blocks: { line: number; code: string }[] = [];
  const lines = readFileSync(docPath(page), "utf8").split("\n");
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] !== `\`\`\`${language}`) continue;
    const first = at + 1;
    while (lines[at + 1] !== "```") at++;
    blocks.push({ line: first, code: lines.slice(first, at + 1).join("\n") });
    at++;
  }
  return blocks;
};

/** What a block promises to print: the rest of each line after `→`. */
export const promises = (code: string): string[] =>
  code.split("\n").flatMap((line) => {
    const at = line.indexOf("→ ");
    return at < 0 ? [] : [line.slice(at + 2).trim()];
  });
