import type { Grpc, GrpcLibrary } from "./grpc.ts";

const CONNECT_TIMEOUT_MS = 5000;
/** The library tries again about 100 ms after a first refusal. */
const REFUSAL_GRACE_MS = 300;
const LOOK_MS = 100;

/**
 * Waits until the channel has a connection: at most 5 s for one that is being made, 0.3 s for one that is refused, since its peer may just be
 * starting. So nothing is sent before someone is there to hear it, and a call need never be sent twice.
 */
export const connect = async (
  { connectivityState: { READY, TRANSIENT_FAILURE, SHUTDOWN } }: GrpcLibrary,
  channel: Grpc.Channel,
  aborted: () => boolean,
): Promise<"connected" | "refused" | "silent"> => {
  let deadline = Date.now() + CONNECT_TIMEOUT_MS;
  let refused = false;
  while (true) {
    const state = channel.getConnectivityState(true);
    if (state === READY) return "connected";
    if (state === SHUTDOWN) return "silent";
    if (state === TRANSIENT_FAILURE && !refused) {
      refused = true;
      deadline = Math.min(deadline, Date.now() + REFUSAL_GRACE_MS);
    }
    if (Date.now() >= deadline || aborted()) return refused ? "refused" : "silent";
    await changed(channel, state);
  }
};

/** Also after a while without a change, so that nobody waits for long when the call is aborted. */
const changed = (channel: Grpc.Channel, state: Grpc.connectivityState): Promise<void> =>
  new Promise((resolve) => {
    channel.watchConnectivityState(state, Date.now() + LOOK_MS, () => resolve());
  });
