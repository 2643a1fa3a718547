import { QueryError } from "@headcut/plan";
import { asBuffer } from "../rpc/as-buffer.ts";
import type { CallContext } from "../rpc/call-context.ts";
import type { Grpc, GrpcLibrary } from "../rpc/grpc.ts";
import { type ServerCall, serverCall } from "../rpc/server-call.ts";
import type { FlightData } from "./flight-data.ts";
import { decodeFlightData, scatteredFlightData } from "./flight-data-codec.ts";
import { FLIGHT } from "./flight-path.ts";
import type { FlightService } from "./flight-service.ts";
import { handshake } from "./handshake.ts";
import {
  decodeAction,
  decodeBytes,
  decodeDescriptor,
  encodeActionType,
  encodeBytes,
  encodeFlightInfo,
  encodePollInfo,
} from "./message-codecs.ts";

const bytes = (message: Buffer): Buffer => message;

/** Registers the ten methods of Flight. */
export const registerFlight = (
  grpc: GrpcLibrary,
  server: Grpc.Server,
  service: FlightService,
  token: string | undefined,
): void => {
  /** One request, then answers. A unary method is one with one answer; on the wire they are the same. */
  const answers = (name: string, run: (request: Uint8Array, context: CallContext) => AsyncIterable<Buffer>): void => {
    const handle = (call: Grpc.ServerWritableStream<Buffer, Buffer>): void => {
      const part = serverCall(grpc, call);
      sendAll(part, run(call.request, part.context));
    };
    server.register(FLIGHT + name, handle, bytes, bytes, "serverStream");
  };
  const exchanges = (name: string, handle: (call: ServerCall) => void): void => {
    const both: Grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => handle(serverCall(grpc, call));
    server.register(FLIGHT + name, both, bytes, bytes, "bidi");
  };

  exchanges("Handshake", (call) => void handshake(grpc, call, token));
  answers("GetFlightInfo", async function* (request, context) {
    yield asBuffer(encodeFlightInfo(await service.getFlightInfo(requested(decodeDescriptor, request), context)));
  });
  answers("PollFlightInfo", async function* (request, context) {
    if (service.pollFlightInfo === undefined) throw unsupported("PollFlightInfo");
    yield asBuffer(encodePollInfo(await service.pollFlightInfo(requested(decodeDescriptor, request), context)));
  });
  answers("GetSchema", async function* (request, context) {
    yield asBuffer(encodeBytes(await service.getSchema(requested(decodeDescriptor, request), context)));
  });
  answers("ListFlights", async function* (request, context) {
    for await (const info of service.listFlights(requested(decodeBytes, request), context)) {
      yield asBuffer(encodeFlightInfo(info));
    }
  });
  answers("DoGet", (request, context) =>
    mapped(() => service.doGet(requested(decodeBytes, request), context), scatteredFlightData),
  );
  answers("DoAction", (request, context) =>
    mapped(
      () => service.doAction(requested(decodeAction, request), context),
      (body) => asBuffer(encodeBytes(body)),
    ),
  );
  answers("ListActions", async function* (_, context) {
    for (const type of await service.listActions(context)) yield asBuffer(encodeActionType(type));
  });
  exchanges("DoPut", (call) =>
    sendAll(
      call,
      mapped(
        () => service.doPut(received(call), call.context),
        (metadata) => asBuffer(encodeBytes(metadata)),
      ),
    ),
  );
  exchanges("DoExchange", (call) =>
    sendAll(
      call,
      mapped(() => {
        if (service.doExchange === undefined) throw unsupported("DoExchange");
        return service.doExchange(received(call), call.context);
      }, scatteredFlightData),
    ),
  );
};

const unsupported = (method: string): QueryError => new QueryError("unsupported", `${method} is not supported`);

/** Bytes of the caller that are no message are the caller's mistake. */
const requested = <T>(decode: (bytes: Uint8Array) => T, request: Uint8Array): T => {
  try {
    return decode(request);
  } catch (error) {
    throw new QueryError("invalid-argument", (error as Error).message, { cause: error });
  }
};

/** No generator, which would not be returned from while it waits for its source. */
const mapped = <T>(open: () => AsyncIterable<T>, encode: (item: T) => Buffer): AsyncIterable<Buffer> => ({
  [Symbol.asyncIterator]: () => {
    let source: AsyncIterator<T> | undefined;
    return {
      next: async () => {
        source ??= open()[Symbol.asyncIterator]();
        const { done, value } = await source.next();
        return done ? { done, value: undefined } : { done: false, value: encode(value) };
      },
      return: async () => {
        await source?.return?.();
        return { done: true, value: undefined };
      },
    };
  },
});

async function* received(call: ServerCall): AsyncIterable<FlightData> {
  for (let message = await call.read(); message !== undefined; message = await call.read()) {
    yield requested(decodeFlightData, message);
  }
}

/** A producer that waits for something is returned from, too, when the caller goes away. */
const sendAll = (call: ServerCall, messages: AsyncIterable<Buffer>): void => {
  const iterator = messages[Symbol.asyncIterator]();
  const { signal } = call.context;
  const stop = (): void => {
    iterator.return?.().catch(() => undefined);
  };
  signal.addEventListener("abort", stop);
  const run = async (): Promise<void> => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) await call.send(next.value);
  };
  run().then(
    () => call.end(),
    (error: unknown) => {
      stop();
      call.fail(error);
    },
  );
};
