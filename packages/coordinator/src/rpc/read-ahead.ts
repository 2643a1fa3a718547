import type { Grpc, GrpcLibrary } from "./grpc.ts";

/**
 * The library's streams read 16 messages ahead, whatever their size. This lets them have one, and the next when it has been taken: uploads
 * of large batches wait in their senders.
 */
interface Gate {
  /** Reads that may begin without waiting. */
  free: number;
  waiting: (() => void) | undefined;
}

/** By the metadata of the call, which the interceptor and the handler both see. */
const gates = new WeakMap<Grpc.Metadata, Gate>();

/** A call whose reads wait to be granted; `receive` is told its metadata, and passes it on or not. */
export const gatedCall = (
  grpc: GrpcLibrary,
  call: ConstructorParameters<GrpcLibrary["ServerInterceptingCall"]>[0],
  receive: (metadata: Grpc.Metadata, pass: (metadata: Grpc.Metadata) => void) => void,
): Grpc.ServerInterceptingCall => {
  const gate: Gate = { free: 1, waiting: undefined };
  const gated = new grpc.ServerInterceptingCall(call, {
    start: (next) =>
      next({
        onReceiveMetadata: (metadata, pass) => {
          gates.set(metadata, gate);
          receive(metadata, pass);
        },
      }),
  });
  gated.startRead = () => {
    if (gate.free === 0) {
      gate.waiting = () => call.startRead();
      return;
    }
    gate.free--;
    call.startRead();
  };
  return gated;
};

/** A message has been taken: the next may be read. */
export const grantRead = (metadata: Grpc.Metadata): void => {
  const gate = gates.get(metadata);
  if (gate === undefined) return;
  const start = gate.waiting;
  gate.waiting = undefined;
  if (start === undefined) gate.free++;
  else start();
};
