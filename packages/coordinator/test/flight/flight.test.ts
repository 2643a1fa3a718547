import { QueryError } from "@headcut/plan";
import { afterEach, describe, expect, it } from "vitest";
import { withChecksum } from "../../src/flight/checksum.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import type { FlightDescriptor, FlightInfo, PollInfo } from "../../src/flight/flight-messages.ts";
import type { FlightService } from "../../src/flight/flight-service.ts";
import {
  decodeDescriptor,
  decodeFlightInfo,
  encodeDescriptor,
  encodeFlightInfo,
  encodePollInfo,
} from "../../src/flight/message-codecs.ts";
import { integerField, message, readFields, varint } from "../../src/flight/protobuf.ts";
import { openPeers } from "../../src/rpc/open-peers.ts";
import type { Peer } from "../../src/rpc/peer.ts";
import { testServer } from "../rpc/test-server.ts";

const open: { close(): unknown }[] = [];

const served = async (flight: Partial<FlightService>): Promise<Peer> => {
  const server = await testServer({ flight });
  const peers = openPeers({});
  open.push({ close: () => server.close(0) }, peers);
  return peers.peer(server.address);
};

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const code = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof QueryError ? error.code : `${error}`),
  );
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const info: FlightInfo = {
  schema: Buffer.from("schema"),
  descriptor: { kind: "command", command: Buffer.from("SELECT 1") },
  endpoints: [
    {
      ticket: Buffer.from([0, 255]),
      locations: ["grpc+tcp://a:1", "grpc+tls://ü:2"],
      expirationTimeMs: 1_700_000_000_123,
      appMetadata: Buffer.from("m"),
    },
    { ticket: Buffer.from("t"), locations: [] },
  ],
  totalRecords: -1,
  totalBytes: 2 ** 40 + 1,
  ordered: true,
  appMetadata: Buffer.from("app"),
};

/** The bytes of one part, which received messages share with their neighbours. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (part?.type === "Buffer" ? part.data : part)));

describe("messages", () => {
  it("are the same after encoding", () => {
    expect(plain(decodeFlightInfo(encodeFlightInfo(info)))).toEqual(plain(info));
    const bare: FlightInfo = { ...info, descriptor: undefined, endpoints: [], totalBytes: 0, ordered: false };
    expect(plain(decodeFlightInfo(encodeFlightInfo(bare)))).toEqual(plain(bare));
    const path: FlightDescriptor = { kind: "path", path: ["a", "", "ü"] };
    expect(decodeDescriptor(encodeDescriptor(path))).toEqual(path);
  });

  it("have numbers of any size and sign", () => {
    for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 53 - 1, -1, -2, -128, -129, -(2 ** 40), -(2 ** 53) + 1]) {
      let found: unknown = 0;
      readFields(message(integerField(1, value)), (_, read) => {
        found = read;
      });
      expect(found).toBe(value);
    }
    expect(varint(-1)).toEqual([255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
  });

  it("skip fields of tomorrow", () => {
    const strange = message(integerField(99, 5), [encodeDescriptor({ kind: "path", path: ["a"] })]);
    expect(decodeDescriptor(strange)).toEqual({ kind: "path", path: ["a"] });
  });

  it("of a poll have progress and what to ask next", () => {
    const poll: PollInfo = { info, descriptor: { kind: "path", path: [] }, progress: 0.5, expirationTimeMs: 1000 };
    const found: unknown[] = [];
    readFields(encodePollInfo(poll), (field, value) => found.push(typeof value === "number" ? value : field));
    expect(found).toEqual([1, 2, 0.5, 4]);
  });
});

describe("methods", () => {
  it("carry what they are given, and their context", async () => {
    const seen: unknown[] = [];
    const peer = await served({
      getFlightInfo: async (descriptor, { peer: caller }) => {
        seen.push(plain(descriptor), caller);
        return info;
      },
      getSchema: async (descriptor) => {
        seen.push(plain(descriptor));
        return Buffer.from("the schema");
      },
      async *listFlights(criteria) {
        seen.push(`${criteria}`);
        yield info;
        yield { ...info, totalRecords: 7 };
      },
      async *doAction({ type, body }) {
        seen.push(type);
        yield body;
        yield new Uint8Array(0);
      },
      listActions: async () => [{ type: "a", description: "does" }],
    });
    const command: FlightDescriptor = { kind: "command", command: Buffer.from("SELECT 1") };
    expect(plain(await peer.getFlightInfo(command))).toEqual(plain(info));
    expect(`${Buffer.from(await peer.getSchema({ kind: "path", path: ["t"] }))}`).toBe("the schema");
    const listed = await all(peer.listFlights(Buffer.from("x")));
    expect(listed.map(({ totalRecords }) => totalRecords)).toEqual([-1, 7]);
    const results = await all(peer.doAction({ type: "go", body: Buffer.from("now") }));
    expect(results.map((each) => `${Buffer.from(each)}`)).toEqual(["now", ""]);
    expect(await peer.listActions()).toEqual([{ type: "a", description: "does" }]);
    expect(seen).toEqual([
      plain(command),
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      { kind: "path", path: ["t"] },
      "x",
      "go",
    ]);
  });

  it("bring their errors", async () => {
    const wrong = new QueryError("syntax", "no", { range: { start: 0, end: 1 } });
    const peer = await served({
      getFlightInfo: () => Promise.reject(wrong),
      async *doGet() {
        yield { header: Buffer.from("h"), body: [] };
        throw wrong;
      },
      async *doPut() {
        yield* [];
        throw wrong;
      },
    });
    expect(await code(peer.getFlightInfo({ kind: "path", path: [] }))).toBe("syntax");
    expect(await code(all(peer.fetch(Buffer.from("t"))))).toBe("syntax");
    expect(await code(all(peer.doPut(endless())))).toBe("syntax");
    expect(await code(peer.getSchema({ kind: "path", path: [] }))).toBe("unsupported");
  });

  it("put messages in order, the descriptor first, and answer while they come", async () => {
    const peer = await served({
      async *doPut(messages) {
        for await (const { descriptor, header } of messages) {
          yield Buffer.from(`${header}${descriptor?.kind === "path" ? descriptor.path[0] : ""}`);
        }
      },
    });
    async function* messages(): AsyncGenerator<FlightData> {
      yield { header: Buffer.from("a"), body: [], descriptor: { kind: "path", path: ["table"] } };
      yield { header: Buffer.from("b"), body: [Buffer.alloc(3 << 20)] };
      yield { header: Buffer.from("c"), body: [] };
    }
    expect((await all(peer.doPut(messages()))).map((each) => `${Buffer.from(each)}`)).toEqual(["atable", "b", "c"]);
  });

  it("put no further ahead than the handler takes", async () => {
    let taken = 0;
    const peer = await served({
      async *doPut(messages) {
        for await (const { body } of messages) {
          expect(body[0]![0]).toBe(taken++);
          if (taken % 10 === 0) await sleep(30);
        }
        yield Buffer.from(`${taken}`);
      },
    });
    let [made, most] = [0, 0];
    async function* messages(): AsyncGenerator<FlightData> {
      for (; made < 60; made++) {
        most = Math.max(most, made - taken);
        yield { header: Buffer.from("a"), body: [Buffer.alloc(1 << 20, made)] };
      }
    }
    expect(`${(await all(peer.doPut(messages())))[0]}`).toBe("60");
    expect(most).toBeLessThanOrEqual(8);
  });

  it("whose caller fails while it puts are not complete for the handler", async () => {
    for (let round = 0; round < 50; round++) {
      let ended: string | undefined;
      let got = 0;
      const peer = await served({
        async *doPut(messages) {
          try {
            for await (const _ of messages) got++;
            ended = "complete";
          } catch (error) {
            ended = (error as QueryError).code;
          }
          yield* [];
        },
      });
      async function* messages(): AsyncGenerator<FlightData> {
        for (let i = 0; i <= round % 5; i++) yield { header: Buffer.from("a"), body: [Buffer.alloc(round * 1000)] };
        throw new QueryError("conversion", "my data is bad");
      }
      expect(await code(all(peer.doPut(messages())))).toBe("conversion");
      await expect.poll(() => ended, { interval: 1 }).toBe("cancelled");
      expect(got).toBeLessThanOrEqual((round % 5) + 1);
    }
  });
});

async function* endless(): AsyncGenerator<FlightData> {
  while (true) {
    yield { header: Buffer.from("x"), body: [Buffer.alloc(1000)] };
    await sleep(5);
  }
}

describe("fetch", () => {
  const PART = 1 << 20;

  it("reads no further ahead than a window and a message, so that the writer waits for a slow reader", async () => {
    let made = 0;
    const peer = await served({
      async *doGet() {
        for (; made < 100; made++) yield withChecksum({ header: Buffer.from("h"), body: [Buffer.alloc(PART, made)] });
      },
    });
    let read = 0;
    let most = 0;
    for await (const { body } of peer.fetch(Buffer.from("t"), { checked: true })) {
      expect(body[0]![PART - 1]).toBe(read++);
      if (read % 10 === 0) await sleep(30);
      most = Math.max(most, made - read);
    }
    expect(read).toBe(100);
    // On their way: two the server sends, about one in the window and sockets' buffers, one the client has read ahead.
    expect(most).toBeLessThanOrEqual(12);
  });

  it("that is left stops the writer", async () => {
    let stopped = 0;
    let aborted = 0;
    const peer = await served({
      async *doGet(_, { signal }) {
        signal.addEventListener("abort", () => {
          aborted = performance.now();
        });
        try {
          while (true) yield { header: Buffer.from("h"), body: [Buffer.alloc(PART)] };
        } finally {
          stopped = performance.now();
        }
      },
    });
    let read = 0;
    for await (const _ of peer.fetch(Buffer.from("t"))) if (++read === 5) break;
    const left = performance.now();
    await expect.poll(() => stopped).toBeGreaterThan(0);
    expect(aborted).toBeGreaterThan(0);
    expect(stopped - left).toBeLessThan(200);
  });

  it("is cancelled while it waits for a writer that has nothing", async () => {
    let returned = false;
    const peer = await served({
      doGet: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => undefined),
          return: async () => {
            returned = true;
            return { done: true, value: undefined };
          },
        }),
      }),
    });
    const controller = new AbortController();
    const reading = code(all(peer.fetch(Buffer.from("t"), { signal: controller.signal })));
    await sleep(50);
    controller.abort();
    expect(await reading).toBe("cancelled");
    await expect.poll(() => returned).toBe(true);
  });

  it("has a deadline", async () => {
    const peer = await served({
      async *doGet() {
        yield { header: Buffer.from("h"), body: [] };
        await sleep(1000);
      },
    });
    expect(await code(all(peer.fetch(Buffer.from("t"), { timeoutMs: 100 })))).toBe("timeout");
  });

  it("refuses what was corrupted on its way, naming the peer", async () => {
    const peer = await served({
      async *doGet() {
        const data = withChecksum({ header: Buffer.from("h"), body: [Buffer.alloc(100)] });
        yield data;
        yield { ...data, body: [Buffer.alloc(100, 1)] };
      },
    });
    let read = 0;
    const run = async (): Promise<void> => {
      for await (const _ of peer.fetch(Buffer.from("t"), { checked: true })) read++;
    };
    await expect(run()).rejects.toMatchObject({ code: "io", message: expect.stringContaining(peer.address) });
    expect(read).toBe(1);
  });

  it("many at once over one connection do not hold each other up", async () => {
    const peer = await served({
      async *doGet(ticket) {
        for (let i = 0; i < 20; i++) yield { header: ticket, body: [Buffer.alloc(PART)] };
      },
      getSchema: async () => Buffer.from("quick"),
    });
    // Eight readers that do not read, and hold their windows full.
    const idle = Array.from({ length: 8 }, () => peer.fetch(Buffer.from("idle"))[Symbol.asyncIterator]());
    for (const reader of idle) expect((await reader.next()).done).toBe(false);
    await sleep(100);
    const start = performance.now();
    expect((await all(peer.fetch(Buffer.from("t")))).length).toBe(20);
    await peer.getSchema({ kind: "path", path: [] });
    expect(performance.now() - start).toBeLessThan(5000);
    for (const reader of idle) await reader.return?.();
  });
});
