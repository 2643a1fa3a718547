import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { QueryError } from "@headcut/plan";
import { afterEach, describe, expect, it } from "vitest";
import { openPeers } from "../../src/rpc/open-peers.ts";
import type { Peer } from "../../src/rpc/peer.ts";
import { testServer } from "./test-server.ts";

const open: { close(): unknown }[] = [];
const body = Buffer.from("hello");
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const peerOf = (address: string): Peer => {
  const peers = openPeers({});
  open.push(peers);
  return peers.peer(address);
};

const child = async (listen?: string): Promise<{ readonly address: string; readonly process: ChildProcess }> => {
  const file = fileURLToPath(new URL("child-server.js", import.meta.url));
  const process = spawn("node", [file, ...(listen === undefined ? [] : [listen])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  open.push({ close: () => process.kill("SIGKILL") });
  const [line] = (await once(process.stdout!, "data")) as [Buffer];
  return { address: `${line}`.trim(), process };
};

const code = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof QueryError ? error.code : `${error}`),
  );

/** The codes of a call, a stream and a fetch that are under way while `fault` happens, and how long they took to fail. */
const underWay = async (peer: Peer, fault: () => void): Promise<{ codes: string[]; elapsedMs: number }> => {
  await peer.call("echo", body);
  const stream = peer.open("echo");
  await stream.send(body);
  const echoes = stream[Symbol.asyncIterator]();
  await echoes.next();
  let fetched = 0;
  const fetching = async (): Promise<void> => {
    for await (const _ of peer.fetch(body)) fetched++;
  };
  const all = [code(peer.call("wait", body)), code(echoes.next()), code(fetching())];
  await expect.poll(() => fetched).toBeGreaterThan(3);
  const start = performance.now();
  fault();
  const codes = await Promise.all(all);
  return { codes, elapsedMs: performance.now() - start };
};

describe("a peer", () => {
  it("that is killed ends everything at once", async () => {
    const { address, process } = await child();
    const { codes, elapsedMs } = await underWay(peerOf(address), () => process.kill("SIGKILL"));
    expect(codes).toEqual(["io", "io", "io"]);
    expect(elapsedMs).toBeLessThan(1000);
  });

  it("that is stopped is given up within 6 s, and reached again when it goes on", async () => {
    const { address, process } = await child();
    const peer = peerOf(address);
    const { codes, elapsedMs } = await underWay(peer, () => process.kill("SIGSTOP"));
    expect(codes).toEqual(["io", "io", "io"]);
    expect(elapsedMs).toBeLessThan(6500);
    const silent = performance.now();
    expect(await code(peer.call("echo", body, { timeoutMs: 8000 }))).toBe("io");
    expect(performance.now() - silent).toBeLessThan(6000);
    process.kill("SIGCONT");
    const start = performance.now();
    await expect.poll(() => code(peer.call("echo", body)), { interval: 10, timeout: 5000 }).toBe("no error");
    expect(performance.now() - start).toBeLessThan(1500);
  });

  it("that was killed and has come back is reached within a second", async () => {
    const { address, process } = await child();
    const peer = peerOf(address);
    await underWay(peer, () => process.kill("SIGKILL"));
    for (let i = 0; i < 3; i++) expect(await code(peer.call("echo", body))).toBe("io");
    await child(address);
    const start = performance.now();
    await expect.poll(() => code(peer.call("echo", body)), { interval: 10, timeout: 5000 }).toBe("no error");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("whose connection breaks in the middle ends everything at once", async () => {
    const { address } = await child();
    const port = Number(address.split(":")[1]);
    const sockets = new Set<Socket>();
    const proxy = createServer((socket) => {
      const onward = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        sockets.add(from);
        from.on("error", () => undefined);
        from.on("close", () => to.destroy());
        from.pipe(to);
      }
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    open.push(proxy);
    const peer = peerOf(`127.0.0.1:${(proxy.address() as { port: number }).port}`);
    const { codes, elapsedMs } = await underWay(peer, () => {
      for (const socket of sockets) socket.destroy();
    });
    expect(codes).toEqual(["io", "io", "io"]);
    expect(elapsedMs).toBeLessThan(1000);
    // The next call has another connection.
    expect(`${await peer.call("echo", body)}`).toBe("hello");
  });

  it("that does not answer to a connection is an error after 5 s", async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const sockets = new Set<Socket>();
    silent.on("connection", (socket) => sockets.add(socket));
    open.push({
      close: () => {
        silent.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    const peer = peerOf(`127.0.0.1:${(silent.address() as { port: number }).port}`);
    const start = performance.now();
    expect(await code(peer.call("echo", body))).toBe("io");
    expect(performance.now() - start).toBeLessThan(6000);
    expect(await code(peer.call("echo", body, { timeoutMs: 100 }))).toBe("timeout");
    expect(await code(peer.call("echo", body, { signal: AbortSignal.timeout(100) }))).toBe("cancelled");
  });
});

describe("a caller", () => {
  it("that is killed is noticed by the handlers it had", async () => {
    const reasons: unknown[] = [];
    const server = await testServer({
      streams: {
        hold: async (stream, { signal }) => {
          signal.addEventListener("abort", () => reasons.push(signal.reason));
          await stream.send(body);
          for await (const _ of stream);
          reasons.push("ended well");
        },
      },
    });
    open.push({ close: () => server.close(0) });
    const script = `
      import { openPeers } from "@headcut/coordinator";
      const stream = openPeers({}).peer("${server.address}").open("hold");
      for await (const message of stream) process.stdout.write("ready");
    `;
    const caller = spawn("node", ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: fileURLToPath(new URL(".", import.meta.url)),
    });
    await once(caller.stdout!, "data");
    caller.kill("SIGKILL");
    await expect.poll(() => reasons.length).toBe(1);
    expect(reasons[0]).toMatchObject({ code: "cancelled" });
  });

  it("that sends anything but HTTP/2, or nonsense within it, harms nobody", async () => {
    const server = await testServer({ calls: { echo: async (message) => message } });
    open.push({ close: () => server.close(0) });
    const port = Number(server.address.split(":")[1]);
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
    const nonsense = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919 + 13) & 255));
    const streams = [
      nonsense,
      Buffer.concat([preface, nonsense]),
      Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
      Buffer.concat([preface, Buffer.from([0, 255, 255, 0, 0, 0, 0, 0, 1])]),
      preface.subarray(0, 10),
    ];
    for (const bytes of streams) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(bytes);
      await sleep(20);
      socket.destroy();
    }
    expect(`${await peerOf(server.address).call("echo", body)}`).toBe("hello");
  });
});

describe("closing", () => {
  it("a server lets its calls end, and takes no new ones", async () => {
    const server = await testServer({
      calls: {
        slow: async (message) => {
          await sleep(300);
          return message;
        },
      },
    });
    const peer = peerOf(server.address);
    const call = peer.call("slow", body);
    await sleep(100);
    const closing = server.close(5000);
    expect(server.close(0)).toBe(closing);
    expect(await code(openAnother(server.address).call("slow", body))).toBe("io");
    expect(`${await call}`).toBe("hello");
    const start = performance.now();
    await closing;
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("a server breaks what has not ended in time, and sockets that never spoke", async () => {
    const server = await testServer({ calls: { wait: () => new Promise(() => undefined) } });
    const mute = connect(Number(server.address.split(":")[1]), "127.0.0.1");
    mute.on("error", () => undefined);
    await once(mute, "connect");
    const call = code(peerOf(server.address).call("wait", body));
    await sleep(100);
    const start = performance.now();
    await server.close(200);
    expect(performance.now() - start).toBeGreaterThan(150);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await call).toBe("io");
    mute.destroy();
  });

  it("a peer cancels what runs; calling it again is refused, and the same address has a new one", async () => {
    const server = await testServer({
      calls: { wait: () => new Promise(() => undefined), echo: async (message) => message },
    });
    open.push({ close: () => server.close(0) });
    const peers = openPeers({});
    open.push(peers);
    const peer = peers.peer(server.address);
    expect(peers.peer(server.address)).toBe(peer);
    await peer.call("echo", body);
    const call = code(peer.call("wait", body));
    await sleep(50);
    peer.close();
    expect(await call).toBe("closed");
    expect(await code(peer.call("echo", body))).toBe("closed");
    expect(`${await peers.peer(server.address).call("echo", body)}`).toBe("hello");
  });

  it("both leaves nothing behind that keeps a process alive", async () => {
    const script = `
      import { openPeers, openServer } from "@headcut/coordinator";
      const no = () => { throw new Error("not in this test"); };
      const server = await openServer({
        listen: "127.0.0.1:0",
        security: {},
        calls: { echo: async (message) => message },
        streams: { echo: async (stream) => { for await (const message of stream) await stream.send(message); } },
        flight: { getFlightInfo: no, getSchema: no, listFlights: no, doGet: no, doPut: no, doAction: no, listActions: no },
      });
      const peers = openPeers({});
      const peer = peers.peer(server.address);
      const body = Buffer.from("x");
      for (let i = 0; i < 20; i++) await peer.call("echo", body, { timeoutMs: 60_000 });
      const stream = peer.open("echo");
      await stream.send(body);
      const refused = await peers.peer("127.0.0.1:1").call("echo", body).catch((error) => error.code);
      peers.close();
      await server.close(0);
      process.stdout.write(refused);
    `;
    const alone = spawn("node", ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: fileURLToPath(new URL(".", import.meta.url)),
    });
    open.push({ close: () => alone.kill("SIGKILL") });
    const [said] = (await once(alone.stdout!, "data")) as [Buffer];
    const start = performance.now();
    const [exitCode] = await once(alone, "exit");
    expect(`${said}`).toBe("io");
    expect(exitCode).toBe(0);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

const openAnother = (address: string): Peer => peerOf(address);

describe("a thousand calls", () => {
  it("one after the other leave nothing behind", async () => {
    const server = await testServer({
      calls: { echo: async (message) => message },
      flight: {
        async *doGet() {
          for (let i = 0; i < 3; i++) yield { header: Buffer.from("h"), body: [Buffer.alloc(10_000)] };
        },
      },
    });
    open.push({ close: () => server.close(0) });
    const peer = peerOf(server.address);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const round = async (count: number): Promise<number> => {
      for (let i = 0; i < count; i++) {
        await peer.call("echo", body, { timeoutMs: 60_000 });
        for await (const _ of peer.fetch(body, { signal: new AbortController().signal }));
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    await round(300);
    const before = await round(1);
    const after = await round(1000);
    expect(after - before).toBeLessThan(2e6);
  });
});
