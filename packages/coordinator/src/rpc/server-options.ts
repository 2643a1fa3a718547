import type { FlightService } from "../flight/flight-service.ts";
import type { CallContext } from "./call-context.ts";
import type { MessageStream } from "./message-stream.ts";
import type { Security } from "./security.ts";

export type CallHandler = (body: Uint8Array, context: CallContext) => Promise<Uint8Array>;
/** The stream ends well when the handler returns, and with its error when it throws. */
export type StreamHandler = (stream: MessageStream, context: CallContext) => Promise<void>;

export interface ServerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly security: Security;
  /** By method name. */
  readonly calls: Readonly<Record<string, CallHandler>>;
  readonly streams: Readonly<Record<string, StreamHandler>>;
  readonly flight: FlightService;
}

export interface RpcServer {
  /** host:port that was taken; the host as `listen` has it. */
  readonly address: string;
  /** That run now. */
  calls(): number;
  /** Takes no new calls, gives those that run `graceMs` to end, then breaks them. Resolves when no socket is left. */
  close(graceMs: number): Promise<void>;
}
