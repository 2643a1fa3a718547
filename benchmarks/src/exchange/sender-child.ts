// The sending process: four servers, and what it has used of the processor when it is asked.
import * as grpc from "@grpc/grpc-js";
import {
  encodeBatch,
  encodeSchema,
  type FlightService,
  openServer,
  type Security,
  withChecksum,
} from "@headcut/coordinator";
import { exchangeBatch, exchangeColumns } from "./exchange-batch.ts";
import { RAW_METHOD } from "./exchange-case.ts";

/** What the process is sent first. */
export interface SenderTask {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly messages: number;
}

/** What it answers first. */
export interface SenderAddresses {
  readonly headcut: { readonly plain: string; readonly tls: string };
  readonly raw: { readonly plain: string; readonly tls: string };
}

const refuse = (): never => {
  throw new Error("not part of the measurement");
};

const listen = async ({ cert, key, messages }: SenderTask): Promise<SenderAddresses> => {
  const batch = exchangeBatch();
  const flight: FlightService = {
    getFlightInfo: refuse,
    getSchema: refuse,
    listFlights: refuse,
    doPut: refuse,
    doAction: refuse,
    listActions: refuse,
    async *doGet(ticket) {
      const lz4 = `${ticket}` === "lz4";
      yield withChecksum({ header: encodeSchema(exchangeColumns), body: [] });
      for (let i = 0; i < messages; i++) yield withChecksum(encodeBatch(batch, exchangeColumns, { lz4 }));
    },
  };
  const tls = { cert: Buffer.from(cert), key: Buffer.from(key) };
  const headcut = async (security: Security): Promise<string> =>
    (await openServer({ listen: "127.0.0.1:0", security, calls: {}, streams: {}, flight })).address;

  const { header, body } = encodeBatch(batch, exchangeColumns);
  const message = Buffer.concat([header, ...body]);
  const same = (bytes: Buffer): Buffer => bytes;
  const raw = async (credentials: grpc.ServerCredentials): Promise<string> => {
    const server = new grpc.Server();
    const stream: grpc.handleServerStreamingCall<Buffer, Buffer> = (call) => {
      let left = messages;
      const send = (): void => {
        while (left-- > 0) if (!call.write(message)) return;
        call.end();
      };
      call.on("drain", send);
      send();
    };
    server.register(RAW_METHOD, stream, same, same, "serverStream");
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
        if (error === null) resolve(`127.0.0.1:${port}`);
        else reject(error);
      });
    });
  };
  return {
    headcut: { plain: await headcut({}), tls: await headcut({ tls }) },
    raw: {
      plain: await raw(grpc.ServerCredentials.createInsecure()),
      tls: await raw(grpc.ServerCredentials.createSsl(null, [{ cert_chain: tls.cert, private_key: tls.key }])),
    },
  };
};

process.once("message", async (task) => {
  process.send?.(await listen(task as SenderTask));
  process.on("message", () => process.send?.(process.cpuUsage()));
});
