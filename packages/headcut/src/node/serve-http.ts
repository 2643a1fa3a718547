import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { QueryError } from "@headcut/plan";

/** What is answered at each path: status 200 or 503, and a text. */
export type HttpPages = Readonly<Record<string, () => { readonly ok: boolean; readonly text: string }>>;

export interface HttpServer {
  /** host:port that was taken. */
  readonly address: string;
  close(): Promise<void>;
}

/** A server for probes and metrics. `listen` is host:port; port 0 takes a free one. Throws QueryError "io", "invalid-argument". */
export const serveHttp = async (listen: string, pages: HttpPages): Promise<HttpServer> => {
  const { host, port } = splitAddress(listen);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://node").pathname;
    const page = Object.hasOwn(pages, path) ? pages[path]!() : undefined;
    response.statusCode = page === undefined ? 404 : page.ok ? 200 : 503;
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(page?.text ?? `there are ${Object.keys(pages).join(", ")}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new QueryError("io", `cannot listen on ${listen}: ${cause.message}`, { cause }));
    });
    server.listen(port, host.replace(/^\[(.*)\]$/, "$1"), resolve);
  });
  return { address: `${host}:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
};

/** `host:port`, `[v6]:port`, or `:port` for all interfaces. */
const splitAddress = (text: string): { readonly host: string; readonly port: number } => {
  const match = /^(\[[^\]]+\]|[^:]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65535)
    throw new QueryError("invalid-argument", `${JSON.stringify(text)} is not host:port`);
  return { host: match[1] || "0.0.0.0", port };
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
