import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { watchEtcd } from "../../src/node/watch-etcd.ts";

/** What etcd's gateway does with leases, puts and ranges, as its documentation of version 3 has it. */
interface Fake {
  readonly server: Server;
  readonly endpoint: string;
  readonly keys: Map<string, { readonly value: string; readonly lease: string }>;
  readonly leases: Set<string>;
  isAway: boolean;
}

let etcd: Fake;

beforeEach(async () => {
  const keys = new Map<string, { value: string; lease: string }>();
  const leases = new Set<string>();
  let next = 1;
  const answer = (path: string, body: Record<string, string>): object => {
    switch (path) {
      case "/v3/lease/grant": {
        const ID = String(7_587_848_390_000_000_000n + BigInt(next++));
        leases.add(ID);
        return { ID, TTL: body.TTL };
      }
      case "/v3/lease/keepalive":
        return leases.has(body.ID!) ? { result: { ID: body.ID, TTL: "10" } } : { result: { ID: body.ID } };
      case "/v3/lease/revoke":
        leases.delete(body.ID!);
        for (const [key, { lease }] of keys) if (lease === body.ID) keys.delete(key);
        return {};
      case "/v3/kv/put":
        keys.set(Buffer.from(body.key!, "base64").toString(), { value: body.value!, lease: body.lease! });
        return {};
      case "/v3/kv/range": {
        const [from, to] = [body.key!, body.range_end!].map((key) => Buffer.from(key, "base64").toString());
        const found = [...keys].filter(([key]) => key >= from! && key < to!);
        return found.length === 0 ? {} : { kvs: found.map(([, { value }]) => ({ value })) };
      }
      default:
        throw new Error(`etcd has no ${path}`);
    }
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    if (etcd.isAway) response.writeHead(503).end();
    else response.end(JSON.stringify(answer(request.url!, JSON.parse(text))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  etcd = { server, endpoint: `http://127.0.0.1:${port}`, keys, leases, isAway: false };
});

afterEach(() => {
  etcd.server.closeAllConnections();
  etcd.server.close();
});

const watch = (nodeId: string) => {
  const seen: (readonly string[])[] = [];
  const source = { kind: "etcd", endpoint: etcd.endpoint, prefix: "/headcut/nodes/" } as const;
  const watching = watchEtcd(source, { nodeId, address: `${nodeId}:1` }, (addresses) => seen.push(addresses));
  return { ...watching, latest: () => seen.at(-1) };
};

test("a node finds the others, and takes its key away when it goes", async () => {
  etcd.keys.set("/headcut/other", { value: Buffer.from("stranger:1").toString("base64"), lease: "0" });
  const a = watch("a");
  await expect.poll(a.latest).toEqual([]);
  const b = watch("b");
  await expect.poll(b.latest).toEqual(["a:1"]);
  await expect.poll(a.latest, { timeout: 5000 }).toEqual(["b:1"]);
  await b.close();
  expect([...etcd.keys.keys()]).toEqual(["/headcut/other", "/headcut/nodes/a"]);
  await a.close();
}, 10_000);

test("what was known stays while etcd is away; a lease that ran out is taken anew", async () => {
  const [a, b] = [watch("a"), watch("b")];
  await expect.poll(() => etcd.keys.size).toBe(2);
  await expect.poll(a.latest, { timeout: 5000 }).toEqual(["b:1"]);
  etcd.isAway = true;
  await new Promise((resolve) => setTimeout(resolve, 3500));
  expect(a.latest()).toEqual(["b:1"]);
  etcd.leases.clear();
  etcd.keys.clear();
  etcd.isAway = false;
  await expect.poll(() => etcd.keys.size, { timeout: 5000 }).toBe(2);
  await a.close();
  await b.close();
}, 20_000);
