import { QueryError } from "@headcut/plan";
import { asBuffer } from "./as-buffer.ts";
import { statusOf } from "./call-status.ts";
import type { Grpc, GrpcLibrary } from "./grpc.ts";
import type { MessageStream } from "./message-stream.ts";
import { callContext, type ServerCall, serverCall } from "./server-call.ts";
import type { ServerOptions } from "./server-options.ts";
import { headerOf } from "./token.ts";

/**
 * What nodes ask each other: `headcut.node.v1.Node`, with one unary method and one of streams both ways. Messages are bare bytes;
 * the name of what is called is a header, so that a stranger is refused before his first message.
 */
export const NODE_CALL = "/headcut.node.v1.Node/Call";
export const NODE_OPEN = "/headcut.node.v1.Node/Open";
export const METHOD_HEADER = "headcut-method";

const bytes = (message: Buffer): Buffer => message;

export const registerNode = (
  grpc: GrpcLibrary,
  server: Grpc.Server,
  { calls, streams }: Pick<ServerOptions, "calls" | "streams">,
): void => {
  const call: Grpc.handleUnaryCall<Buffer, Buffer> = (unary, answer) => {
    const { context, finish, flushHeaders } = callContext(grpc, unary);
    const run = async (): Promise<Buffer> => asBuffer(await find(calls, unary.metadata)(unary.request, context));
    run().then(
      (message) => {
        if (!finish()) return;
        flushHeaders();
        answer(null, message);
      },
      (error: unknown) => {
        if (finish()) answer(statusOf(grpc, error));
      },
    );
  };
  const open: Grpc.handleBidiStreamingCall<Buffer, Buffer> = (duplex) => {
    const part = serverCall(grpc, duplex);
    const run = async (): Promise<void> => find(streams, duplex.metadata)(messageStream(part), part.context);
    run().then(() => part.end(), part.fail);
  };
  server.register(NODE_CALL, call, bytes, bytes, "unary");
  server.register(NODE_OPEN, open, bytes, bytes, "bidi");
};

const find = <H>(handlers: Readonly<Record<string, H>>, metadata: Grpc.Metadata): H => {
  const method = headerOf(metadata, METHOD_HEADER) ?? "";
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (handler === undefined) throw new QueryError("unsupported", `this node has no method "${method}"`);
  return handler;
};

const messageStream = ({ read, send, end, fail, context }: ServerCall): MessageStream => ({
  send: (message) => send(asBuffer(message)),
  end,
  cancel: (reason) => fail(reason ?? new QueryError("cancelled", `cancelled by the called node (${context.peer})`)),
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      const value = await read();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
  }),
});
