import type { QueryProfile } from "../profile/profile-query.ts";
import { isWork } from "../profile/read-profile.ts";
import { sum } from "../statistics.ts";

/** The hottest functions: share of all work, time per run over all threads, name, place. */
export const profileTable = ({ runs, medianMs, functions }: QueryProfile, limit: number): string => {
  const work = functions.filter(isWork);
  const workMs = sum(work.map(({ selfMs }) => selfMs));
  const waiting = functions.filter((entry) => !isWork(entry));
  const line = (share: string, ms: number, name: string, place: string): string =>
    `${share.padStart(6)} ${(ms / runs).toFixed(2).padStart(9)}  ${name}${place === "" ? "" : `  (${place})`}`;
  return [
    `${runs} runs, median ${medianMs.toFixed(1)} ms; work of all threads ${(workMs / runs).toFixed(1)} ms per run`,
    `${"share".padStart(6)} ${"ms/run".padStart(9)}  function`,
    ...work
      .slice(0, limit)
      .map(({ name, place, selfMs }) => line(`${((100 * selfMs) / workMs).toFixed(1)}%`, selfMs, name, place)),
    "not work:",
    ...waiting.map(({ name, place, selfMs }) => line("", selfMs, name, place)),
  ].join("\n");
};
