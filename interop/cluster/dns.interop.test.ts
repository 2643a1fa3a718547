import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { headcut, type RunningHeadcut, startHeadcut } from "../../packages/headcut/test/cli/cli-process.ts";
import { type NameServer, nameServer, ZONE } from "./name-server.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-dns-"));
let server: NameServer;
let nodes: RunningHeadcut[];
beforeEach(async () => {
  nodes = [];
  server = nameServer(mkdtempSync(join(folder, "server-")), "127.0.0.1", await freeNamePort());
});
afterEach(async () => {
  await server.kill();
  for (const each of nodes) each.process.kill("SIGKILL");
  await Promise.all(nodes.map(({ ended }) => ended));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const freePort = (host = "127.0.0.1"): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = createServer();
    socket.once("error", reject);
    socket.listen(0, host, () => {
      const { port } = socket.address() as { port: number };
      socket.close(() => resolve(port));
    });
  });

/** Name servers listen by TCP and UDP. */
const freeNamePort = async (): Promise<number> => {
  const port = await freePort();
  const isFree = await new Promise<boolean>((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
  return isFree ? port : freeNamePort();
};

const eventually = async (check: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (const deadline = Date.now() + 30_000; !(await check()); ) {
    if (Date.now() > deadline) throw new Error(`${what}:\n${nodes.map((node) => node.errors()).join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

interface Node extends RunningHeadcut {
  readonly address: string;
  readonly nodeId: string;
}

const serve = async (listen: string, seeds: string, data = mkdtempSync(join(folder, "data-"))): Promise<Node> => {
  const node = startHeadcut(["serve", "--listen", listen, "--join", seeds, "--data", data, "--threads", "1"]);
  nodes.push(node);
  await Promise.race([node.until(" listening "), node.ended.then(() => Promise.reject(new Error(node.errors())))]);
  const [, nodeId, address] = / listening node=(\S+) address=(\S+)/.exec(node.errors())!;
  return { ...node, nodeId: nodeId!, address: address! };
};

const knows = (node: Node, other: Node): boolean => node.errors().includes(` joined node=${other.nodeId} `);
const count = (text: string, part: string): number => text.split(part).length - 1;

const answers = (node: Node): string => {
  const { stdout, stderr } = headcut([
    "query",
    "SELECT 1 AS a",
    "--connect",
    `grpc://${node.address}`,
    "--format",
    "csv",
  ]);
  return stdout + stderr;
};

it("nodes find each other by a name that is not there at first, grows, shrinks, and is away for a while", async () => {
  const port = await freePort();
  const seeds = `dns://${server.address}/nodes.${ZONE}:${port}`;
  const record = (host: number): string => `nodes 1 IN A 127.0.77.${host}`;
  // Neither the name nor its server is there: nobody gives up.
  const first = await serve(`127.0.77.1:${port}`, seeds);
  server.write([]);
  server.start();
  const second = await serve(`127.0.77.2:${port}`, seeds);
  server.write([record(1), record(2)]);
  await eventually(() => knows(first, second) && knows(second, first), "two find each other");
  // Scaled up.
  server.write([record(1), record(2), record(3)]);
  const third = await serve(`127.0.77.3:${port}`, seeds);
  await eventually(() => [first, second].every((node) => knows(node, third)), "the third is found");
  expect(answers(third)).toBe("a\n1\n");
  // A record that goes is a name server's affair: the node still answers. So is a server that goes.
  server.write([record(1)]);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  await server.kill();
  // What has gone itself is noticed by its silence, and comes back at another address.
  const data = /--data (\S+)/.exec(third.process.spawnargs.join(" "))![1]!;
  third.process.kill("SIGKILL");
  await third.ended;
  await eventually(() => first.errors().includes(` lost node=${third.nodeId}`), "the third is lost");
  await eventually(() => second.errors().includes(` lost node=${third.nodeId}`), "the third is lost");
  for (const node of [first, second]) expect(count(node.errors(), " lost "), node.errors()).toBe(1);
  server.write([record(1), record(2), record(4)]);
  server.start();
  const back = await serve(`127.0.77.4:${port}`, seeds, data);
  expect(back.nodeId).toBe(third.nodeId);
  await eventually(
    () => first.errors().includes(` restarted node=${third.nodeId} address=127.0.77.4:${port}`),
    "it is back",
  );
  expect(answers(back)).toBe("a\n1\n");
  for (const node of [first, second, back]) {
    node.process.kill("SIGTERM");
    expect(await node.ended).toBe(0);
  }
});

it("SRV records have hosts and ports", async () => {
  const seeds = `dns://${server.address}/_grpc._tcp.nodes.${ZONE}`;
  const ports = [await freePort(), await freePort()];
  server.write([
    ...ports.map((port, i) => `_grpc._tcp.nodes 1 IN SRV 0 50 ${port} node-${i}.nodes.${ZONE}.`),
    `_grpc._tcp.nodes 1 IN SRV 0 50 1 gone.nodes.${ZONE}.`,
    "node-0.nodes 1 IN A 127.0.0.1",
    "node-1.nodes 1 IN A 127.0.0.1",
  ]);
  server.start();
  const first = await serve(`127.0.0.1:${ports[0]}`, seeds);
  const second = await serve(`127.0.0.1:${ports[1]}`, seeds);
  await eventually(() => knows(first, second) && knows(second, first), "two find each other");
});

const endProcess = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
};

/** As pods see it: the system asks a server at port 53, and completes the names of services. It takes a network and files of one's own. */
const apart = (...command: readonly string[]): string[] => [
  "-rmn",
  "sh",
  "-c",
  'ip link set lo up && exec "$@"',
  "sh",
  ...command,
];
const mayBeApart = spawnSync("unshare", apart("true")).status === 0;
if (!mayBeApart) console.warn("this machine allows no namespaces: seeds of the system's resolver are not tested");

if (mayBeApart) {
  it("the system's resolver: a service's short name; and a name server that is away does not hold who is told to stop", async () => {
    const home = mkdtempSync(join(folder, "pod-"));
    const inside = nameServer(join(home, "server"), "127.0.0.1", 53);
    const record = (host: number): string => `headcut-nodes.default.svc 1 IN A 127.0.77.${host}`;
    inside.write([record(1)]);
    writeFileSync(
      join(home, "resolv.conf"),
      `search default.svc.${ZONE} svc.${ZONE}\nnameserver 127.0.0.1\noptions ndots:5 timeout:10 attempts:2\n`,
    );
    const program = join(import.meta.dirname, "../../packages/headcut/bin/headcut.js");
    const pod = (i: number): string => {
      mkdirSync(join(home, `data-${i}`));
      writeFileSync(join(home, `log-${i}`), "");
      const options = `--listen 127.0.77.${i}:8815 --join dns:headcut-nodes:8815 --data ${home}/data-${i} --threads 1`;
      return `${process.execPath} ${program} serve ${options} 2>${home}/log-${i} & POD${i}=$!`;
    };
    const script = `
mount --bind ${home}/resolv.conf /etc/resolv.conf
${process.env.HEADCUT_COREDNS} -conf ${home}/server/Corefile >/dev/null & SERVER=$!
${pod(1)}
${pod(2)}
echo $SERVER $POD1 $POD2
wait $POD1; FIRST=$?; wait $POD2; echo $FIRST $?`;
    const child: ChildProcess = spawn("unshare", apart("sh", "-c", script), { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    let [own, first, second]: (number | undefined)[] = [];
    try {
      await eventually(() => output.includes("\n"), "all are started");
      [own, first, second] = output.split(/\s/).map(Number);
      const log = (i: number): string => readFileSync(join(home, `log-${i}`), "utf8");
      await eventually(() => log(1).includes(" joined ") && log(2).includes(" joined "), "two find each other");
      process.kill(own!, "SIGSTOP");
      // By then both ask again, and wait for an answer.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      for (const each of [first, second]) process.kill(each!, "SIGTERM");
      await eventually(() => log(1).includes(" stopped\n") && log(2).includes(" stopped\n"), "both stop");
      const stopped = Date.now();
      await ended;
      // Waiting for the look-up takes 20 s.
      expect(Date.now() - stopped).toBeLessThan(5000);
      expect(output.split("\n")[1]).toBe("0 0");
    } finally {
      for (const each of [own, first, second]) if (each !== undefined) endProcess(each);
      await ended;
    }
  });
}
