import { getEventListeners } from "node:events";
import { QueryError } from "@headcut/plan";
import { afterEach, describe, expect, it } from "vitest";
import type { MessageStream } from "../../src/rpc/message-stream.ts";
import { openPeers } from "../../src/rpc/open-peers.ts";
import type { Peers } from "../../src/rpc/peer.ts";
import type { RpcServer } from "../../src/rpc/server-options.ts";
import { testServer } from "./test-server.ts";

const text = (value: string): Uint8Array => Buffer.from(value);
const open: { close(): unknown }[] = [];
const peersOf = (...args: Parameters<typeof openPeers>): Peers => {
  const peers = openPeers(...args);
  open.push(peers);
  return peers;
};
const serverOf = async (...args: Parameters<typeof testServer>): Promise<RpcServer> => {
  const server = await testServer(...args);
  open.push({ close: () => server.close(0) });
  return server;
};

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const code = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return error instanceof QueryError ? error.code : `${error}`;
  }
};

describe("call", () => {
  it("carries bytes both ways, none and many", async () => {
    const server = await serverOf({ calls: { echo: async (body) => body } });
    const peer = peersOf({}).peer(server.address);
    for (const length of [0, 1, 5, 1 << 16, 5 << 20]) {
      const body = new Uint8Array(length).map((_, i) => i * 7);
      const answer = await peer.call("echo", body);
      expect(Buffer.compare(answer, body)).toBe(0);
    }
  });

  it("throws the other side's QueryError whole", async () => {
    const thrown = new QueryError("unknown-column", 'no column "größe" 😀', {
      hint: 'Did you mean "gross"?',
      range: { start: 3, end: 9 },
    });
    const server = await serverOf({ calls: { fail: () => Promise.reject(thrown) } });
    const error = await peersOf({})
      .peer(server.address)
      .call("fail", text(""))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: thrown.code, message: thrown.message, hint: thrown.hint, range: thrown.range });
  });

  it("carries the longest and oddest of messages", async () => {
    const server = await serverOf({
      calls: {
        fail: () => Promise.reject(new QueryError("io", `\ud800\n${"é".repeat(100_000)}`, { hint: "%\u0000" })),
      },
    });
    const peer = peersOf({}).peer(server.address);
    const error = (await peer.call("fail", text("")).catch((reason: unknown) => reason)) as QueryError;
    expect(error).toBeInstanceOf(QueryError);
    expect(error.message).toMatch(/^\ufffd\né{3998} …$/);
    expect(error.hint).toBe("%\u0000");
  });

  it("tells a bug of the other side from its user's mistakes", async () => {
    const server = await serverOf({ calls: { fail: () => Promise.reject(new TypeError("x is undefined")) } });
    const error = await peersOf({})
      .peer(server.address)
      .call("fail", text(""))
      .catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(QueryError);
    expect(`${error}`).toContain("x is undefined");
  });

  it("is unsupported when there is no such method, also of names that objects have", async () => {
    const server = await serverOf();
    const peer = peersOf({}).peer(server.address);
    expect(await code(peer.call("toString", text("")))).toBe("unsupported");
  });

  it("ends at its deadline on both sides", async () => {
    let reason: unknown;
    const server = await serverOf({
      calls: {
        wait: (_, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () => {
              reason = signal.reason;
              resolve(new Uint8Array(0));
            });
          }),
      },
    });
    const start = Date.now();
    expect(await code(peersOf({}).peer(server.address).call("wait", text(""), { timeoutMs: 150 }))).toBe("timeout");
    expect(Date.now() - start).toBeLessThan(1000);
    await expect.poll(() => (reason as QueryError | undefined)?.code).toMatch(/timeout|cancelled/);
  });

  it("is cancelled on both sides within 200 ms", async () => {
    let cancelledAt = 0;
    const server = await serverOf({
      calls: {
        wait: (_, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () => {
              cancelledAt = performance.now();
              resolve(new Uint8Array(0));
            });
          }),
      },
    });
    const peer = peersOf({}).peer(server.address);
    await code(peer.call("none", text("")));
    const controller = new AbortController();
    const call = code(peer.call("wait", text(""), { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    controller.abort();
    expect(await call).toBe("cancelled");
    expect(performance.now() - start).toBeLessThan(200);
    await expect.poll(() => cancelledAt).toBeGreaterThan(0);
    expect(cancelledAt - start).toBeLessThan(200);
  });

  it("shares its signal with a hundred others, which leave nothing at it", async () => {
    const server = await serverOf({ calls: { echo: async (body) => body } });
    const peer = peersOf({}).peer(server.address);
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const note = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on("warning", note);
    await Promise.all(Array.from({ length: 100 }, (_, i) => peer.call("echo", text(`${i}`), { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("gives the signal's QueryError, and nothing is sent when it was aborted before", async () => {
    let called = false;
    const server = await serverOf({
      calls: {
        note: async (body) => {
          called = true;
          return body;
        },
      },
    });
    const signal = AbortSignal.abort(new QueryError("timeout", "too late"));
    expect(await code(peersOf({}).peer(server.address).call("note", text(""), { signal }))).toBe("timeout");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(called).toBe(false);
  });

  it("says who is not there, soon", async () => {
    const server = await serverOf();
    await server.close(0);
    const start = Date.now();
    const error = (await peersOf({})
      .peer(server.address)
      .call("x", text(""))
      .catch((reason: unknown) => reason)) as QueryError;
    expect(error.code).toBe("io");
    expect(error.message).toContain(server.address);
    expect(error.message).toContain("ECONNREFUSED");
    expect(Date.now() - start).toBeLessThan(2000);
  });

  it("reaches a peer that has come back within a second", async () => {
    const first = await testServer({ calls: { echo: async (body) => body } });
    const peer = peersOf({}).peer(first.address);
    await peer.call("echo", text("1"));
    await first.close(0);
    for (let i = 0; i < 5; i++) expect(await code(peer.call("echo", text("2")))).toBe("io");
    await serverOf({ listen: first.address, calls: { echo: async (body) => body } });
    const start = Date.now();
    await expect.poll(() => code(peer.call("echo", text("3"))), { interval: 10, timeout: 3000 }).toBe("no error");
    expect(Date.now() - start).toBeLessThan(1000);
  });

  it("says what is no address", () => {
    for (const address of ["localhost", "host:", ":1", "host:99999", "a:b:1", ""]) {
      expect(() => peersOf({}).peer(address)).toThrow(/is not an address/);
    }
  });
});

describe("open", () => {
  const echo = async (stream: MessageStream): Promise<void> => {
    for await (const message of stream) await stream.send(message);
  };

  it("carries messages in order, both ways at once, and ends", async () => {
    const server = await serverOf({ streams: { echo } });
    const stream = peersOf({}).peer(server.address).open("echo");
    const sending = (async () => {
      for (let i = 0; i < 500; i++) await stream.send(text(`message ${i}`));
      stream.end();
    })();
    let next = 0;
    for await (const message of stream) expect(`${Buffer.from(message)}`).toBe(`message ${next++}`);
    expect(next).toBe(500);
    await sending;
    await expect(stream.send(text("late"))).rejects.toMatchObject({ code: "io" });
  });

  it("takes messages before there is a connection, at once", async () => {
    const server = await serverOf({ streams: { echo } });
    const stream = peersOf({}).peer(server.address).open("echo");
    void Promise.all([stream.send(text("a")), stream.send(text("b")), stream.send(text("c"))]);
    stream.end();
    const got: string[] = [];
    for await (const message of stream) got.push(`${Buffer.from(message)}`);
    expect(got).toEqual(["a", "b", "c"]);
  });

  it("brings the handler's error after what it has sent", async () => {
    const server = await serverOf({
      streams: {
        half: async (stream) => {
          await stream.send(text("a"));
          throw new QueryError("overflow", "too much");
        },
      },
    });
    const got: string[] = [];
    const stream = peersOf({}).peer(server.address).open("half");
    const read = async (): Promise<void> => {
      for await (const message of stream) got.push(`${Buffer.from(message)}`);
    };
    expect(await code(read())).toBe("overflow");
  });

  it("goes on in a second loop", async () => {
    const server = await serverOf({ streams: { echo } });
    const stream = peersOf({}).peer(server.address).open("echo");
    await stream.send(text("a"));
    await stream.send(text("b"));
    for await (const message of stream) {
      expect(`${Buffer.from(message)}`).toBe("a");
      break;
    }
    for await (const message of stream) {
      expect(`${Buffer.from(message)}`).toBe("b");
      break;
    }
    stream.cancel();
  });

  it("is cancelled on both sides", async () => {
    let seen: unknown;
    let sendFailed: unknown;
    const server = await serverOf({
      streams: {
        wait: async (stream, { signal }) => {
          try {
            for await (const _ of stream);
          } catch (error) {
            seen = error;
          }
          expect(signal.aborted).toBe(true);
          sendFailed = await code(stream.send(text("x")));
        },
      },
    });
    const stream = peersOf({}).peer(server.address).open("wait");
    await stream.send(text("a"));
    const reading = code(stream[Symbol.asyncIterator]().next());
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    stream.cancel(new QueryError("timeout", "my reason"));
    expect(await reading).toBe("timeout");
    expect(await code(stream.send(text("b")))).toBe("timeout");
    await expect.poll(() => (seen as QueryError | undefined)?.code).toBe("cancelled");
    expect(performance.now() - start).toBeLessThan(300);
    await expect.poll(() => sendFailed).toBe("cancelled");
  });

  it("is cancelled by the called side", async () => {
    const server = await serverOf({
      streams: {
        refuse: async (stream) => {
          stream.cancel(new QueryError("closed", "going away"));
        },
      },
    });
    const stream = peersOf({}).peer(server.address).open("refuse");
    expect(await code(stream[Symbol.asyncIterator]().next())).toBe("closed");
  });

  it("is refused when there is no such method", async () => {
    const server = await serverOf();
    const stream = peersOf({}).peer(server.address).open("nothing");
    expect(await code(stream[Symbol.asyncIterator]().next())).toBe("unsupported");
  });

  it("fails when nobody is there", async () => {
    const server = await serverOf();
    await server.close(0);
    const stream = peersOf({}).peer(server.address).open("echo");
    expect(await code(stream.send(text("a")))).toBe("io");
    expect(await code(stream[Symbol.asyncIterator]().next())).toBe("io");
    stream.end();
    stream.cancel();
  });
});
