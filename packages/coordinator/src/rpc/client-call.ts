import { setMaxListeners } from "node:events";
import { QueryError } from "@headcut/plan";
import { asBuffer } from "./as-buffer.ts";
import { errorOf } from "./call-status.ts";
import type { Grpc, GrpcLibrary } from "./grpc.ts";
import type { CallOptions } from "./peer.ts";

/** One call to a peer, on the library's lowest level, where each message is asked for. */
export interface ClientCall {
  /** The next message; undefined once the call has ended well. Rejects with the call's error. */
  read(): Promise<Buffer | undefined>;
  /** Resolves when the message has gone; one after the other. Rejects with the call's error, or "io" when it has ended well. */
  send(message: Uint8Array): Promise<void>;
  /** Nothing more from this side. */
  end(): void;
  /** The call's error is `reason`; nothing happens when it has ended. */
  cancel(reason: Error): void;
  /** Response headers, then trailers, as they have come. */
  readonly received: readonly Grpc.Metadata[];
}

export interface StartOptions {
  readonly grpc: GrpcLibrary;
  readonly address: string;
  readonly call: ReturnType<Grpc.Channel["createCall"]>;
  readonly metadata: Grpc.Metadata;
  readonly signal: CallOptions["signal"];
  /** Whether a last, empty message tells that this side has sent all (END_HEADER). */
  readonly marksEnd: boolean;
  /** Called once, when the call has ended in whatever way. */
  readonly onEnd: () => void;
}

export const startCall = ({ grpc, address, call, metadata, signal, marksEnd, onEnd }: StartOptions): ClientCall => {
  const received: Grpc.Metadata[] = [];
  let message: Buffer | undefined;
  /** How the call has ended; undefined: well. */
  let end: { readonly error: Error | undefined } | undefined;
  const waiting = new Set<() => void>();
  let sent: Promise<void> = Promise.resolve();

  const wake = (): void => {
    for (const resume of waiting) resume();
    waiting.clear();
  };
  const finish = (error: Error | undefined): void => {
    if (end !== undefined) return;
    end = { error };
    signal?.removeEventListener("abort", abort);
    onEnd();
    wake();
  };
  const cancel = (reason: Error): void => {
    if (end !== undefined) return;
    finish(reason);
    call.cancelWithStatus(grpc.status.CANCELLED, "cancelled");
  };
  const abort = (): void => cancel(abortReason(signal!));

  const write = (data: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        waiting.delete(done);
        if (end === undefined) resolve();
        else reject(end.error ?? new QueryError("io", `${address} has ended the stream`));
      };
      // The library forgets the callback of a message when the call ends before it has gone.
      waiting.add(done);
      if (end === undefined) call.sendMessageWithContext({ callback: done }, data);
      else done();
    });

  call.start(metadata, {
    onReceiveMetadata: (headers) => {
      received.push(headers);
    },
    onReceiveMessage: (data: Buffer) => {
      message = data;
      wake();
    },
    onReceiveStatus: (status) => {
      received.push(status.metadata);
      finish(status.code === grpc.status.OK ? undefined : errorOf(grpc, status, address));
    },
  });
  call.startRead();
  if (signal !== undefined) {
    // Queries have one signal for all their calls; that many listeners are no leak.
    setMaxListeners(Number.POSITIVE_INFINITY, signal);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  }

  return {
    received,
    read: async () => {
      while (true) {
        if (end?.error !== undefined) throw end.error;
        if (message !== undefined) {
          const next = message;
          message = undefined;
          if (end === undefined) call.startRead();
          return next;
        }
        if (end !== undefined) return undefined;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    send: (data) => {
      const buffer = asBuffer(data);
      const result = sent.then(() => write(buffer));
      sent = result.catch(() => undefined);
      return result;
    },
    end: () => {
      if (marksEnd) sent = sent.then(() => write(Buffer.alloc(0))).catch(() => undefined);
      void sent.then(() => {
        if (end === undefined) call.halfClose();
      });
    },
    cancel,
  };
};

/** What those who wait for an aborted call get. */
export const abortReason = ({ reason }: AbortSignal): Error =>
  reason instanceof QueryError ? reason : new QueryError("cancelled", "the call was cancelled", { cause: reason });

/** The answer of a call of one message to one message. Throws QueryError "io" when there is none. */
export const unaryAnswer = async (call: ClientCall, request: Uint8Array, address: string): Promise<Buffer> => {
  sendOnly(call, request);
  const answer = await call.read();
  // The call's status comes after its answer, and may be a failure.
  await call.read();
  if (answer === undefined) throw new QueryError("io", `${address} has answered nothing`);
  return answer;
};

/** The one message of this side. Whether it has gone is seen when the answer is read. */
export const sendOnly = (call: ClientCall, request: Uint8Array): void => {
  call.send(request).catch(() => undefined);
  call.end();
};
