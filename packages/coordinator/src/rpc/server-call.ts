import { setMaxListeners } from "node:events";
import { QueryError } from "@headcut/plan";
import type { CallContext } from "./call-context.ts";
import { statusOf } from "./call-status.ts";
import { END_HEADER } from "./end-header.ts";
import type { Grpc, GrpcLibrary } from "./grpc.ts";
import { grantRead } from "./read-ahead.ts";
import { headerOf } from "./token.ts";

/** Messages given to the library and not yet sent: one on its way, one ready. */
const SENDS_AHEAD = 2;

/** What the library's calls have, whatever their kind; those with a stream of answers can `write` and `end`, of questions `read`. */
interface SurfaceCall {
  readonly metadata: Grpc.Metadata;
  getPeer(): string;
  getDeadline(): Date | number;
  sendMetadata(metadata: Grpc.Metadata): void;
  on(event: string, listener: () => void): unknown;
  emit(event: string, ...values: unknown[]): boolean;
  read?(): unknown;
  write?(message: Buffer, done: () => void): unknown;
  end?(trailers?: Grpc.Metadata): unknown;
}

/** A call that a handler answers, whatever its kind. */
export interface ServerCall {
  readonly context: CallContext;
  /** The next message of the caller; undefined: no more. Rejects with the signal's reason. */
  read(): Promise<Buffer | undefined>;
  /** Resolves when there is room for more. Rejects with the signal's reason. */
  send(message: Buffer): Promise<void>;
  /** Response headers, if they have not gone yet. */
  flushHeaders(): void;
  /** The call has ended well, after what was sent. */
  end(trailers?: Grpc.Metadata): void;
  /** The call has failed. */
  fail(error: unknown): void;
  /** The caller is not who he would have to be. */
  refuse(details: string): void;
}

/** A call with streams on one or both sides: what a side does not have is not used. */
export const serverCall = (grpc: GrpcLibrary, call: SurfaceCall): ServerCall => {
  const { context, finish, flushHeaders } = callContext(grpc, call);
  const { signal } = context;
  let sending = 0;
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const resume of waiting) resume();
    waiting.clear();
  };
  const change = (): Promise<void> => new Promise((resolve) => waiting.add(resolve));
  signal.addEventListener("abort", wake);
  call.on("readable", wake);
  const marksEnd = context.header(END_HEADER) !== undefined;
  call.on("end", () => {
    // With a mark to come, an end without it is a reset, of which we hear in a moment.
    ended ||= !marksEnd;
    wake();
  });

  return {
    context,
    read: async () => {
      while (true) {
        signal.throwIfAborted();
        if (ended) return undefined;
        const message = call.read!() as Buffer | null;
        if (message === null) {
          await change();
          continue;
        }
        grantRead(call.metadata);
        if (!marksEnd || message.length > 0) return message;
        ended = true;
      }
    },
    send: async (message) => {
      signal.throwIfAborted();
      flushHeaders();
      sending++;
      call.write!(message, () => {
        sending--;
        wake();
      });
      while (sending >= SENDS_AHEAD) {
        await change();
        signal.throwIfAborted();
      }
    },
    flushHeaders,
    end: (trailers) => {
      if (!finish()) return;
      flushHeaders();
      call.end!(trailers);
    },
    fail: (error) => {
      if (finish()) call.emit("error", statusOf(grpc, error));
    },
    refuse: (details) => {
      if (finish()) call.emit("error", { code: grpc.status.UNAUTHENTICATED, details });
    },
  };
};

/** `finish` says that the handler is done: false when it was before, or the caller has gone. */
export const callContext = (
  grpc: GrpcLibrary,
  call: SurfaceCall,
): { readonly context: CallContext; finish(): boolean; flushHeaders(): void } => {
  const controller = new AbortController();
  setMaxListeners(Number.POSITIVE_INFINITY, controller.signal);
  const peer = call.getPeer();
  let finished = false;
  let headers: Grpc.Metadata | undefined;
  call.on("cancelled", () => {
    if (finished) return;
    finished = true;
    const late = Number(call.getDeadline()) <= Date.now();
    controller.abort(
      late
        ? new QueryError("timeout", `the deadline of the caller at ${peer} has passed`)
        : new QueryError("cancelled", `the caller at ${peer} has cancelled or gone`),
    );
  });
  return {
    context: {
      signal: controller.signal,
      peer,
      header: (name) => headerOf(call.metadata, name),
      setHeader: (name, value) => {
        headers ??= new grpc.Metadata();
        headers.set(name, value);
      },
    },
    finish: () => {
      if (finished) return false;
      finished = true;
      return true;
    },
    flushHeaders: () => {
      if (headers === undefined) return;
      call.sendMetadata(headers);
      headers = undefined;
    },
  };
};
