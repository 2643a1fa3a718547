import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSlt, type SltRecord } from "./parse-slt.ts";

const folder = join(import.meta.dirname, "cases");

/** All sqllogictest files, by their names in `cases`. */
export const sltFiles = (): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".slt"));

export const readSlt = (name: string): readonly SltRecord[] =>
  parseSlt(readFileSync(join(folder, name), "utf8")).records;
