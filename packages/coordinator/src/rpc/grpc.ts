import type * as Grpc from "@grpc/grpc-js";

export type { Grpc };
export type GrpcLibrary = Omit<typeof Grpc, "default">;

let library: Promise<GrpcLibrary> | undefined;

/** Loaded by the first server or call: embedded engines never pay for it. */
export const loadGrpc = (): Promise<GrpcLibrary> => {
  // Its names by way of the default: a bundle gives a CommonJS library no others.
  library ??= import("@grpc/grpc-js").then(({ default: grpc }) => grpc);
  return library;
};

/** Rows are sent in messages of 2 MiB; one row may be larger, and a plan with many constants too. */
const MAX_MESSAGE_BYTES = 1 << 30;

const LIMITS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": -1,
  "grpc.enable_channelz": 0,
} as const;

/** Callers have more time to answer: clients in other languages may look at an idle connection only now and then. */
export const SERVER_OPTIONS: Grpc.ServerOptions = {
  ...LIMITS,
  "grpc.keepalive_time_ms": 5000,
  "grpc.keepalive_timeout_ms": 10_000,
};

export const CHANNEL_OPTIONS: Grpc.ChannelOptions = {
  ...LIMITS,
  // A peer that says nothing for 2 s is asked whether it is there: processes die, are stopped, and cables are cut.
  "grpc.keepalive_time_ms": 2000,
  "grpc.keepalive_permit_without_calls": 0,
  // A peer that comes back is found within a second, also when its name has a new address.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.dns_min_time_between_resolutions_ms": 500,
  // Nobody keeps trying to reach a peer that nobody calls.
  "grpc.client_idle_timeout_ms": 30_000,
  // Closing a channel closes its connection.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // What the library may keep to send again to a server that has refused it unseen; beyond it, senders feel the back-pressure.
  "grpc.per_rpc_retry_buffer_size": 1 << 16,
  // Of one stream: enough that a fetch need not wait for the window's update, little enough for a hundred streams.
  "grpc-node.flow_control_window": 1 << 20,
};
