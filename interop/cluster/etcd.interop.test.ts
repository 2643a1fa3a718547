import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { watchEtcd } from "../../packages/coordinator/src/node/watch-etcd.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-etcd-"));
let endpoint: string;
let etcd: ChildProcess;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const eventually = async (check: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> => {
  for (const deadline = Date.now() + withinMs; !(await check()); ) {
    if (Date.now() > deadline) throw new Error("it never came true");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

beforeAll(async () => {
  const program = process.env.HEADCUT_ETCD;
  if (program === undefined) throw new Error("run these tests with `npm run test:interop`");
  const [clients, peers] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  endpoint = clients;
  etcd = spawn(
    program,
    // biome-ignore format: one option a line reads worse
    ["--data-dir", join(folder, "data"), "--listen-client-urls", clients, "--advertise-client-urls", clients,
      "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", `default=${peers}`, "--log-level", "error"],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  await eventually(async () => {
    const response = await fetch(`${endpoint}/health`).catch(() => undefined);
    return response?.ok === true;
  });
});
afterAll(async () => {
  const ended = new Promise((resolve) => etcd?.once("exit", resolve));
  if (etcd?.kill("SIGKILL")) await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** A node's watch, and what it has been told last. */
const watch = (nodeId: string, prefix = "/headcut/nodes/") => {
  let seeds: readonly string[] = [];
  const watching = watchEtcd({ kind: "etcd", endpoint, prefix }, { nodeId, address: `${nodeId}:8815` }, (addresses) => {
    seeds = addresses;
  });
  return { seeds: () => seeds, close: watching.close };
};

it("nodes find each other by a real etcd, others of another prefix apart; who leaves is forgotten at once", async () => {
  const [a, b, other] = [watch("a"), watch("b"), watch("c", "/elsewhere/")];
  await eventually(() => a.seeds().join() === "b:8815" && b.seeds().join() === "a:8815");
  expect(other.seeds()).toEqual([]);
  await b.close();
  await eventually(() => a.seeds().length === 0);
  await Promise.all([a.close(), other.close()]);
});

it("what a node that was killed has left goes with its lease", async () => {
  const a = watch("a");
  // Nobody keeps this one: a process that is gone.
  const granted = (await (
    await fetch(`${endpoint}/v3/lease/grant`, { method: "POST", body: JSON.stringify({ TTL: 5 }) })
  ).json()) as { ID: string };
  const [key, value] = ["/headcut/nodes/dead", "dead:8815"].map((text) => Buffer.from(text).toString("base64"));
  await fetch(`${endpoint}/v3/kv/put`, { method: "POST", body: JSON.stringify({ key, value, lease: granted.ID }) });
  await eventually(() => a.seeds().includes("dead:8815"));
  await eventually(() => a.seeds().length === 0);
  await a.close();
});
