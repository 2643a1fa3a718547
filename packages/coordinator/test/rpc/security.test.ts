import { QueryError } from "@headcut/plan";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadGrpc } from "../../src/rpc/grpc.ts";
import { openPeers } from "../../src/rpc/open-peers.ts";
import type { Peer } from "../../src/rpc/peer.ts";
import type { Security } from "../../src/rpc/security.ts";
import type { RpcServer } from "../../src/rpc/server-options.ts";
import { type Authority, createAuthority, type Signed } from "./certificates.ts";
import { testServer } from "./test-server.ts";

const open: { close(): unknown }[] = [];

const serverOf = async (security: Security): Promise<RpcServer> => {
  const server = await testServer({
    security,
    calls: { echo: async (body) => body },
    streams: {
      echo: async (stream) => {
        for await (const message of stream) await stream.send(message);
      },
    },
    flight: {
      async *doGet() {
        yield { header: Buffer.from("h"), body: [] };
      },
    },
  });
  open.push({ close: () => server.close(0) });
  return server;
};

const peerOf = (address: string, security: Security): Peer => {
  const peers = openPeers(security);
  open.push(peers);
  return peers.peer(address);
};

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const body = Buffer.from("hello");
const failure = async (promise: Promise<unknown>): Promise<QueryError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QueryError);
  return error as QueryError;
};
const first = async <T>(items: AsyncIterable<T>): Promise<T | undefined> => {
  for await (const item of items) return item;
  return undefined;
};

describe("token", () => {
  it("opens every kind of call", async () => {
    const security = { token: "s3cret" };
    const { address } = await serverOf(security);
    const peer = peerOf(address, security);
    expect(`${await peer.call("echo", body)}`).toBe("hello");
    expect(await first(peer.fetch(new Uint8Array(0)))).toBeDefined();
    const stream = peer.open("echo");
    await stream.send(body);
    expect(`${await first(stream)}`).toBe("hello");
    stream.end();
  });

  it("that is wrong, missing or almost right is refused, and the hint says what to do", async () => {
    const { address } = await serverOf({ token: "s3cret" });
    for (const token of [undefined, "", "s3cre", "s3crets", "S3CRET"]) {
      const peer = peerOf(address, token === undefined ? {} : { token });
      const error = await failure(peer.call("echo", body));
      expect(error.code).toBe("invalid-argument");
      expect(error.hint).toContain("token");
      expect((await failure(first(peer.fetch(body)))).code).toBe("invalid-argument");
      expect((await failure(first(peer.open("echo")))).code).toBe("invalid-argument");
      peer.close();
    }
  });

  it("is traded for user and password, and not for wrong ones", async () => {
    const { address } = await serverOf({ token: "s3cret" });
    const peer = peerOf(address, {});
    expect(await peer.handshake("anyone", "s3cret")).toBe("s3cret");
    for (const [user, password] of [
      ["anyone", "wrong"],
      ["anyone", ""],
      ["", "s3cret"],
    ] as const) {
      expect((await failure(peer.handshake(user, password))).code).toBe("invalid-argument");
    }
  });

  it("is not needed where there is none; the handshake has an answer all the same", async () => {
    const { address } = await serverOf({});
    const peer = peerOf(address, { token: "whatever" });
    expect(`${await peer.call("echo", body)}`).toBe("hello");
    expect(await peer.handshake("a", "b")).toBe("none");
  });

  it("may come as basic credentials, padded or not, and as the older handshake's header", async () => {
    const { address } = await serverOf({ token: "s3cret" });
    const grpc = await loadGrpc();
    const status = async (headers: Readonly<Record<string, string | Buffer>>): Promise<string> => {
      const client = new grpc.Client(address, grpc.credentials.createInsecure());
      const metadata = new grpc.Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const same = (bytes: Buffer): Buffer => bytes;
      const code = await new Promise<number>((resolve) => {
        metadata.set("headcut-method", "echo");
        client.makeUnaryRequest("/headcut.node.v1.Node/Call", same, same, body, metadata, {}, (error) =>
          resolve(error?.code ?? grpc.status.OK),
        );
      });
      client.close();
      return grpc.status[code]!;
    };
    const basic = Buffer.from("me:s3cret").toString("base64");
    expect(basic).toMatch(/[^=]$/);
    const padded = Buffer.from("m:s3cret").toString("base64");
    expect(padded).toMatch(/=$/);
    expect(await status({ authorization: `Basic ${basic}` })).toBe("OK");
    expect(await status({ authorization: `basic ${padded}` })).toBe("OK");
    expect(await status({ authorization: `Basic ${padded.replace(/=+$/, "")}` })).toBe("OK");
    expect(await status({ authorization: "bearer s3cret" })).toBe("OK");
    expect(await status({ "auth-token-bin": Buffer.from("s3cret") })).toBe("OK");
    expect(await status({ "auth-token-bin": Buffer.from("other") })).toBe("UNAUTHENTICATED");
    expect(await status({ authorization: "Basic ????" })).toBe("UNAUTHENTICATED");
    expect(await status({ authorization: "s3cret" })).toBe("UNAUTHENTICATED");
    expect(await status({})).toBe("UNAUTHENTICATED");
  });
});

describe("TLS", () => {
  let authority: Authority;
  let stranger: Authority;
  let node: Signed;

  beforeAll(async () => {
    authority = await createAuthority();
    stranger = await createAuthority();
    node = await authority.sign("node.test");
  });

  it("with a server's certificate", async () => {
    const { address } = await serverOf({ tls: { ...node }, token: "t" });
    expect(`${await peerOf(address, { tls: { ca: authority.cert }, token: "t" }).call("echo", body)}`).toBe("hello");
  });

  it("by a name that is not the host's", async () => {
    const { address } = await serverOf({ tls: { ...node } });
    const tls = { ca: authority.cert };
    expect(`${await peerOf(address, { tls: { ...tls, serverName: "node.test" } }).call("echo", body)}`).toBe("hello");
    const error = await failure(peerOf(address, { tls: { ...tls, serverName: "other.test" } }).call("echo", body));
    expect(error.code).toBe("io");
    expect(error.message).toMatch(/other\.test/);
  });

  it("of a server nobody knows is refused by the caller", async () => {
    const { address } = await serverOf({ tls: { ...node } });
    for (const security of [{ tls: {} }, { tls: { ca: stranger.cert } }]) {
      const error = await failure(peerOf(address, security).call("echo", body));
      expect(error.code).toBe("io");
      expect(error.message).toMatch(/certificate/);
    }
  });

  it("does not speak with plain callers, nor they with it", async () => {
    const secure = await serverOf({ tls: { ...node } });
    expect((await failure(peerOf(secure.address, {}).call("echo", body))).code).toBe("io");
    const open = await serverOf({});
    expect((await failure(peerOf(open.address, { tls: { ca: authority.cert } }).call("echo", body))).code).toBe("io");
  });

  it("of both sides: callers without a certificate, or with a stranger's, are refused", async () => {
    const tls = { ca: authority.cert, ...node };
    const { address } = await serverOf({ tls });
    expect(`${await peerOf(address, { tls }).call("echo", body)}`).toBe("hello");
    const impostor = await stranger.sign("node.test");
    for (const callerTls of [{ ca: authority.cert }, { ca: authority.cert, ...impostor }]) {
      expect((await failure(peerOf(address, { tls: callerTls }).call("echo", body))).code).toBe("io");
    }
    const lenient = await serverOf({ tls: { ...tls, requireClientCertificate: false } });
    expect(`${await peerOf(lenient.address, { tls: { ca: authority.cert } }).call("echo", body)}`).toBe("hello");
  });

  it("needs certificate and key", async () => {
    expect((await failure(testServer({ security: { tls: { ca: authority.cert } } }))).code).toBe("invalid-argument");
  });
});

describe("listening", () => {
  it("on a port that is taken is an error that names it", async () => {
    const { address } = await serverOf({});
    const error = await failure(testServer({ listen: address }));
    expect(error.code).toBe("io");
    expect(error.message).toContain(address);
  });
});
