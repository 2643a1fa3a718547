import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What the proxy does to one request. */
export type Fault =
  | { readonly kind: "pass" }
  /** The connection is reset before anything was answered. */
  | { readonly kind: "reset" }
  /** The server's answer, cut off after so many bytes of the body. */
  | { readonly kind: "truncate"; readonly bytes: number }
  /** The same, but the connection ends as if all were well: the length announced is not kept. */
  | { readonly kind: "shorten"; readonly bytes: number }
  | { readonly kind: "status"; readonly status: number; readonly code: string }
  | { readonly kind: "delay"; readonly ms: number }
  /** The body, so many bytes at a time. */
  | { readonly kind: "trickle"; readonly bytes: number; readonly everyMs: number }
  /** Nothing is ever answered. */
  | { readonly kind: "silence" }
  /** The server sees no Range header, and answers with everything. */
  | { readonly kind: "noRange" }
  /** Something happens just before the request is passed on. */
  | { readonly kind: "first"; readonly run: () => Promise<void> };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** How many came before it. */
  readonly index: number;
}

/** A proxy in front of an HTTP server that does to each request what `fault` says. */
export interface FaultProxy {
  readonly port: number;
  /** Asked for each request; may be replaced. */
  fault: (asked: Asked) => Fault;
  /** All requests so far. */
  readonly asked: readonly Asked[];
  /** Connections that are open now. */
  readonly connections: number;
  close(): Promise<void>;
}

export const startFaultProxy = async (target: number): Promise<FaultProxy> => {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((from, to) => {
    const { method = "", url = "", headers } = from;
    const one = { method, path: decodeURIComponent(url), headers, index: asked.length };
    asked.push(one);
    answer(proxy.fault(one), from, to, target).catch(() => to.destroy());
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    fault: () => ({ kind: "pass" }),
    asked,
    get connections() {
      return sockets.size;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const drained = (to: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      to.off("drain", done).off("close", done);
      resolve();
    };
    to.on("drain", done).on("close", done);
  });

const answer = async (fault: Fault, from: IncomingMessage, to: ServerResponse, target: number): Promise<void> => {
  switch (fault.kind) {
    case "reset":
      (from.socket as Socket).resetAndDestroy();
      return;
    case "silence":
      return;
    case "status":
      to.writeHead(fault.status, { "content-type": "application/xml" });
      to.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>not now</Message></Error>`);
      return;
    case "delay":
      await pause(fault.ms);
      break;
    case "first":
      await fault.run();
      break;
    default:
  }
  const { range, ...rest } = from.headers;
  const headers = fault.kind === "noRange" ? rest : from.headers;
  const passed = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ port: target, host: "127.0.0.1", method: from.method, path: from.url, headers }, resolve);
    sent.on("error", reject);
    to.on("close", () => sent.destroy());
    from.pipe(sent);
  });
  to.writeHead(passed.statusCode ?? 502, passed.headers);
  let left = fault.kind === "truncate" || fault.kind === "shorten" ? fault.bytes : Number.POSITIVE_INFINITY;
  for await (const chunk of passed as AsyncIterable<Buffer>) {
    if (fault.kind === "trickle") {
      for (let at = 0; at < chunk.length && !to.destroyed; at += fault.bytes) {
        to.write(chunk.subarray(at, at + fault.bytes));
        await pause(fault.everyMs);
      }
      continue;
    }
    if (chunk.length < left) {
      if (!to.write(chunk)) await drained(to);
      left -= chunk.length;
      continue;
    }
    to.write(chunk.subarray(0, left), () => {
      if (fault.kind === "truncate") (from.socket as Socket).resetAndDestroy();
      else from.socket.end();
    });
    return;
  }
  to.end();
};
