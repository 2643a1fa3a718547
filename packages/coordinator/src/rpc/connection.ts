import { QueryError } from "@headcut/plan";
import { abortReason, type ClientCall, startCall } from "./client-call.ts";
import { connect } from "./connect.ts";
import { END_HEADER } from "./end-header.ts";
import { CHANNEL_OPTIONS, type Grpc, type GrpcLibrary, loadGrpc } from "./grpc.ts";
import type { CallOptions } from "./peer.ts";
import type { Security } from "./security.ts";

export interface CallKind {
  readonly headers?: Readonly<Record<string, string>>;
  /** Many messages of this side, not one. */
  readonly streams?: boolean;
}

/** A method that nobody has. */
const PROBE = "/headcut.node.v1.Node/Probe";
const PROBE_TIMEOUT_MS = 1000;

/** A channel to one address, which connects when it is used. */
export interface Connection {
  /** Once there is a connection. Rejects with QueryError "io", "timeout", "cancelled", or "closed" after `close`. */
  start(path: string, options: CallOptions | undefined, kind?: CallKind): Promise<ClientCall>;
  /** Cancels the calls that run. */
  close(): void;
}

export const openConnection = (address: string, security: Security, patienceMs: number): Connection => {
  let channel: Grpc.Channel | undefined;
  let closed = false;
  const running = new Set<ClientCall>();
  const closing = (): QueryError => new QueryError("closed", `the connection to ${address} was closed`);

  const startOn = (
    grpc: GrpcLibrary,
    on: Grpc.Channel,
    path: string,
    { headers = {}, streams = false }: CallKind,
    { signal, deadline }: { signal?: AbortSignal | undefined; deadline: number },
  ): ClientCall => {
    const metadata = new grpc.Metadata();
    if (security.token !== undefined) metadata.set("authorization", `Bearer ${security.token}`);
    if (streams) metadata.set(END_HEADER, "message");
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const call: ClientCall = startCall({
      grpc,
      address,
      call: on.createCall(path, deadline, undefined, null, undefined),
      metadata,
      signal,
      marksEnd: streams,
      onEnd: () => queueMicrotask(() => running.delete(call)),
    });
    running.add(call);
    return call;
  };

  /** Throws the reason why there is no connection, which a call is told. */
  const probe = async (grpc: GrpcLibrary, on: Grpc.Channel): Promise<void> => {
    try {
      await startOn(grpc, on, PROBE, {}, { deadline: Date.now() + PROBE_TIMEOUT_MS }).read();
    } catch (error) {
      // Whoever does not know the method is there.
      if (!(error instanceof QueryError && error.code === "unsupported")) throw error;
    }
  };

  return {
    start: async (path, { signal, timeoutMs } = {}, kind = {}) => {
      const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
      const grpc = await loadGrpc();
      if (closed) throw closing();
      channel ??= new grpc.Channel(address, credentials(grpc, security), channelOptions(security, patienceMs));
      const current = channel;
      const connected = await connect(grpc, current, () => signal?.aborted === true || Date.now() >= deadline);
      if (signal?.aborted) throw abortReason(signal);
      if (closed) throw closing();
      if (Date.now() >= deadline) throw new QueryError("timeout", `${address} did not answer in time`);
      if (connected === "silent") {
        // An attempt that nobody answers takes minutes; the next call begins another, and meets a healed network.
        current.close();
        if (channel === current) channel = undefined;
        throw new QueryError("io", `${address}: no connection within 5 s`);
      }
      if (connected === "refused") await probe(grpc, current);
      return startOn(grpc, current, path, kind, { signal, deadline });
    },
    close: () => {
      closed = true;
      for (const call of running) call.cancel(closing());
      channel?.close();
    },
  };
};

const credentials = (grpc: GrpcLibrary, { tls }: Security): Grpc.ChannelCredentials =>
  tls === undefined
    ? grpc.credentials.createInsecure()
    : grpc.credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);

const channelOptions = ({ tls }: Security, patienceMs: number): Grpc.ChannelOptions => ({
  ...CHANNEL_OPTIONS,
  "grpc.keepalive_timeout_ms": patienceMs,
  ...(tls?.serverName !== undefined && {
    "grpc.ssl_target_name_override": tls.serverName,
    "grpc.default_authority": tls.serverName,
  }),
});
