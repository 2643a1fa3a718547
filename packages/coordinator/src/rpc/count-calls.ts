import type { Grpc, GrpcLibrary } from "./grpc.ts";

/** Counts the calls of a server from their beginning until they were answered, or their callers have gone. */
export const countCalls = (
  grpc: GrpcLibrary,
): { readonly interceptor: Grpc.ServerInterceptor; readonly running: () => number } => {
  let running = 0;
  const interceptor: Grpc.ServerInterceptor = (_, call) => {
    running++;
    let ended = false;
    const end = (): void => {
      if (!ended) running--;
      ended = true;
    };
    return new grpc.ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: end }),
      sendStatus: (status, next) => {
        end();
        next(status);
      },
    });
  };
  return { interceptor, running: () => running };
};
