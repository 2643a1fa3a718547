import { type Command, Option } from "commander";
import { openDatabase } from "../engines/headcut-engine.ts";
import { type Column, formatMiB, formatMs, formatRatio, layOut, titles } from "../report/lay-out.ts";
import { measureSpilling } from "../spilling/measure-spilling.ts";
import { operatorQueries } from "../spilling/operator-queries.ts";
import { parseCount } from "./parse-option.ts";
import { addSetOptions, openSet, type SetFlags } from "./set-options.ts";

interface SpillFlags extends SetFlags {
  readonly share: number;
  readonly floor: number;
}

const COLUMNS: readonly Column[] = [
  { title: "query", width: 15 },
  { title: "peak MiB", width: 8 },
  { title: "limit MiB", width: 9 },
  { title: "ms", width: 6 },
  { title: "within", width: 7 },
  { title: "ratio", width: 6 },
  { title: "disk MiB", width: 8 },
  { title: "starts", width: 6 },
  { title: "threads", width: 7 },
  { title: "answer", width: 6 },
];

/** Adds the command whose exit status is 1 when a query failed within its share, or gave another answer. */
export const addSpillCommand = (program: Command): void => {
  addSetOptions(
    program
      .command("spill")
      .description("Run queries with a part of the memory that they take, and say what that costs."),
  )
    .addOption(new Option("--share <n>", "the limit is the peak divided by this").argParser(parseCount).default(10))
    .addOption(
      new Option("--floor <MiB>", "for each thread, where the share is less").argParser(parseCount).default(16),
    )
    .action(async (flags: SpillFlags) => {
      const set = await openSet(flags);
      const queries: [string, string][] = set.queries.map(({ name, sql }) => [name, sql]);
      if (flags.set === "tpch" && flags.queries === undefined) queries.push(...Object.entries(operatorQueries));
      const share = { divisor: flags.share, floorBytes: flags.floor * flags.threads * 2 ** 20 };
      console.log(`${set.name} of ${set.writer}, ${flags.threads} threads, one run each\n${titles(COLUMNS)}`);
      const db = await openDatabase(set.data, { threads: flags.threads, cache: false });
      try {
        for (const [name, sql] of queries) {
          const { peakBytes, ms, limitBytes, within } = await measureSpilling(db, sql, share);
          const cells = [name, formatMiB(peakBytes), formatMiB(limitBytes), formatMs(ms)];
          if (within.kind === "failed") {
            process.exitCode = 1;
            console.log(`${layOut(COLUMNS, cells)}  ${within.reason}`);
            continue;
          }
          if (!within.isRight) process.exitCode = 1;
          cells.push(formatMs(within.ms), formatRatio(within.ms / ms), formatMiB(within.diskBytes));
          cells.push(String(within.restarts + 1), String(within.threads), within.isRight ? "right" : "WRONG");
          console.log(layOut(COLUMNS, cells));
        }
      } finally {
        await db.close();
      }
    });
};
