import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { soakCluster } from "../../benchmarks/dist/soak/soak-cluster.js";

const PORT = 27_315;

/** Processes of this machine whose command line says that they are nodes of the soak. */
const nodesLeft = (): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return line.includes(`127.0.0.1:${PORT}`) ? [`${pid} ${readlinkSync(`/proc/${pid}/exe`)}`] : [];
      } catch {
        return []; // It has ended meanwhile.
      }
    });

it("200 queries of all kinds one by one, then 64 at once, leave nothing on three processes: memory is flat, no file, socket, stream or process is left", async () => {
  const looks: string[] = [];
  const kept = await soakCluster({
    scaleFactor: 0.01,
    nodes: 3,
    threads: 1,
    queries: 200,
    concurrent: 64,
    rounds: 2,
    seed: 1,
    port: PORT,
    onLook: (title) => looks.push(title),
  });
  expect(kept).toEqual([]);
  expect(looks).toEqual([
    ...[20, 60, 100, 150, 200].map((count) => `${count} queries`),
    ...[1, 2].map((round) => `64 at once, round ${round}`),
  ]);
  expect(nodesLeft()).toEqual([]);
});
