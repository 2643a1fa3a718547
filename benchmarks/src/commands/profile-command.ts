import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { measureTimeline } from "../profile/measure-timeline.ts";
import { profileQuery } from "../profile/profile-query.ts";
import { profileTable } from "../report/profile-table.ts";
import { timelineTable } from "../report/timeline-table.ts";
import { parseCount } from "./parse-option.ts";
import { addSetOptions, openSet, type SetFlags } from "./set-options.ts";

interface ProfileFlags extends SetFlags {
  readonly query: string;
  readonly seconds: number;
  readonly top: number;
  readonly keep?: string;
  readonly timeline?: true;
}

export const addProfileCommand = (program: Command): void => {
  addSetOptions(program.command("profile").description("Show where the time of one query goes, over all threads."))
    .requiredOption("--query <name>", "the query, such as 1")
    .addOption(new Option("--seconds <n>", "how long to repeat it").argParser(parseCount).default(5))
    .addOption(new Option("--top <n>", "how many functions to show").argParser(parseCount).default(30))
    .option("--keep <dir>", "keep the .cpuprofile of each thread there")
    .option("--timeline", "show instead when each phase ran on each thread")
    .action(async ({ query, seconds, top, keep, timeline, ...setFlags }: ProfileFlags) => {
      const { data, queries } = await openSet({ ...setFlags, queries: [query] });
      if (timeline) {
        console.log(timelineTable(await measureTimeline(data, queries[0]!.sql, setFlags.threads)));
        return;
      }
      if (keep !== undefined) await mkdir(keep, { recursive: true });
      const task = { data, sql: queries[0]!.sql, threads: setFlags.threads, seconds };
      console.log(profileTable(await profileQuery(task, keep && resolve(keep)), top));
    });
};
