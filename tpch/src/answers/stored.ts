import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { answersFolder } from "../assets.ts";
import type { Answer } from "./answer.ts";
import { parseAnswers } from "./answer-text.ts";

/** The scale factors whose answers, for the validation parameters, are stored. */
export const STORED_SCALE_FACTORS: readonly number[] = [0.01, 0.1, 1];

/** Where the answers at a scale factor lie, in the package's folder `answers`. */
export function answersPath(scaleFactor: number): string {
  return fileURLToPath(new URL(`sf${scaleFactor}.txt.gz`, answersFolder));
}

/** The stored answers by query number, or undefined where there are none for the scale factor. */
export async function storedAnswers(scaleFactor: number): Promise<Map<number, Answer> | undefined> {
  if (!STORED_SCALE_FACTORS.includes(scaleFactor)) return undefined;
  return parseAnswers(gunzipSync(await readFile(answersPath(scaleFactor))).toString("utf8"));
}
