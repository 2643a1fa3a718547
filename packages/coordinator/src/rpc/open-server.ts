import { createServer, type Server as NetServer, type Socket } from "node:net";
import { QueryError } from "@headcut/plan";
import { registerFlight } from "../flight/flight-methods.ts";
import { FLIGHT } from "../flight/flight-path.ts";
import { joinAddress, splitAddress } from "./address.ts";
import { countCalls } from "./count-calls.ts";
import { type Grpc, type GrpcLibrary, loadGrpc, SERVER_OPTIONS } from "./grpc.ts";
import { registerNode } from "./node-service.ts";
import { gatedCall } from "./read-ahead.ts";
import type { Security } from "./security.ts";
import type { RpcServer, ServerOptions } from "./server-options.ts";
import { isAuthorized } from "./token.ts";

/**
 * One port for Flight and for the calls of nodes. Throws QueryError "io" when the port cannot be had, "invalid-argument" for a
 * malformed address or TLS without certificate and key.
 */
export const openServer = async ({ listen, security, calls, streams, flight }: ServerOptions): Promise<RpcServer> => {
  const grpc = await loadGrpc();
  const { interceptor, running } = countCalls(grpc);
  const interceptors = [interceptor, authorization(grpc, security.token)];
  const server = new grpc.Server({ ...SERVER_OPTIONS, interceptors });
  registerFlight(grpc, server, flight, security.token);
  registerNode(grpc, server, { calls, streams });
  const injector = server.createConnectionInjector(credentials(grpc, security));
  const sockets = new Set<Socket>();
  // Sockets of our own, since the library knows of none before its handshake, and closing must find them all.
  const net = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    injector.injectConnection(socket);
  });
  const { host } = splitAddress(listen);
  const port = await bind(net, listen);

  let closing: Promise<void> | undefined;
  const close = (graceMs: number): Promise<void> =>
    new Promise((resolve) => {
      const breakAll = (): void => {
        server.forceShutdown();
        for (const socket of sockets) socket.destroy();
      };
      const timer = setTimeout(breakAll, graceMs);
      net.close(() => {
        clearTimeout(timer);
        server.forceShutdown();
        resolve();
      });
      server.tryShutdown(() => {
        // All calls have ended; what is left are connections that have none.
        for (const socket of sockets) socket.destroySoon();
      });
    });
  return {
    address: joinAddress(host, port),
    calls: running,
    close: (graceMs) => {
      closing ??= close(graceMs);
      return closing;
    },
  };
};

const bind = (net: NetServer, listen: string): Promise<number> => {
  const { host, port } = splitAddress(listen);
  return new Promise((resolve, reject) => {
    net.once("error", (cause) => {
      reject(new QueryError("io", `cannot listen on ${listen}: ${cause.message}`, { cause }));
    });
    net.listen({ host, port }, () => {
      const address = net.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
};

const credentials = (grpc: GrpcLibrary, { tls }: Security): Grpc.ServerCredentials => {
  if (tls === undefined) return grpc.ServerCredentials.createInsecure();
  const { ca, cert, key, requireClientCertificate = ca !== undefined } = tls;
  if (cert === undefined || key === undefined) {
    throw new QueryError("invalid-argument", "a server with TLS needs a certificate and its key");
  }
  return grpc.ServerCredentials.createSsl(
    ca ?? null,
    [{ cert_chain: cert, private_key: key }],
    requireClientCertificate,
  );
};

/** Refuses calls without the token before their first message is read. The handshake is how one comes by it. */
const authorization =
  (grpc: GrpcLibrary, token: string | undefined): Grpc.ServerInterceptor =>
  ({ path, requestStream }, call) => {
    const receive = (metadata: Grpc.Metadata, pass: (metadata: Grpc.Metadata) => void): void => {
      if (path === `${FLIGHT}Handshake` || isAuthorized(metadata, token)) pass(metadata);
      else call.sendStatus({ code: grpc.status.UNAUTHENTICATED, details: "the token is missing or wrong" });
    };
    if (requestStream) return gatedCall(grpc, call, receive);
    return new grpc.ServerInterceptingCall(call, { start: (next) => next({ onReceiveMetadata: receive }) });
  };
