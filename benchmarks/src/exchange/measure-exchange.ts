import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { decodeBatch, decodeSchema, flightDataBytes, messageKind, openPeers } from "@headcut/coordinator";
import { generate } from "selfsigned";
import { exchangeBatch } from "./exchange-batch.ts";
import { type ExchangeCase, type ExchangeResult, exchangeCases, RAW_METHOD } from "./exchange-case.ts";
import type { SenderAddresses, SenderTask } from "./sender-child.ts";

export interface ExchangeOptions {
  readonly seconds: number;
  /** Each way has its turn in each round, so that whatever slows the machine slows them all. */
  readonly rounds: number;
  /** Of each stream, about 1.2 MB each. */
  readonly messages: number;
}

interface Received {
  readonly batches: number;
  readonly wireBytes: number;
}

/** The best round of each way, between this process and another. */
export const measureExchange = async ({
  seconds,
  rounds,
  messages,
}: ExchangeOptions): Promise<readonly ExchangeResult[]> => {
  const { ca, cert, key } = await certificates();
  const child = fork(fileURLToPath(new URL("sender-child.js", import.meta.url)));
  try {
    const addresses = (await ask(child, { ca, cert, key, messages } satisfies SenderTask)) as SenderAddresses;
    const receivers = exchangeCases.map((each) => ({ each, ...receiver(each, addresses, Buffer.from(ca)) }));
    const best = new Map<ExchangeCase, ExchangeResult>();
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const { each, stream } of receivers) {
        const result = { ...each, ...(await measureOnce(stream, child, round === 0 ? seconds / 4 : seconds)) };
        const before = best.get(each);
        if (round > 0 && !(before !== undefined && before.mbPerCoreSecond > result.mbPerCoreSecond)) {
          best.set(each, result);
        }
      }
    }
    for (const { close } of receivers) close();
    return [...best.values()];
  } finally {
    child.kill();
  }
};

const batchMegabytes =
  exchangeBatch().columns.reduce((sum, { values, offsets }) => sum + values.length + (offsets?.byteLength ?? 0), 0) /
  1e6;

const measureOnce = async (
  stream: () => Promise<Received>,
  child: ChildProcess,
  seconds: number,
): Promise<Omit<ExchangeResult, keyof ExchangeCase>> => {
  const [before, own] = [await cpuSeconds(child), process.cpuUsage()];
  const { batches, wireBytes, elapsed } = await measure(stream, seconds);
  const used = process.cpuUsage(own);
  const cpu = (await cpuSeconds(child)) - before + (used.user + used.system) / 1e6;
  const megabytes = batches * batchMegabytes;
  return {
    mbPerSecond: Math.round(megabytes / elapsed),
    mbPerCoreSecond: Math.round(megabytes / cpu),
    wireRatio: Math.round(wireBytes / (megabytes * 1e4)) / 100,
  };
};

const measure = async (
  stream: () => Promise<Received>,
  seconds: number,
): Promise<Received & { readonly elapsed: number }> => {
  const start = performance.now();
  let [batches, wireBytes, elapsed] = [0, 0, 0];
  while (elapsed < seconds) {
    const received = await stream();
    batches += received.batches;
    wireBytes += received.wireBytes;
    elapsed = (performance.now() - start) / 1000;
  }
  return { batches, wireBytes, elapsed };
};

const receiver = (
  { sender, tls, lz4 }: ExchangeCase,
  addresses: SenderAddresses,
  ca: Buffer,
): { stream(): Promise<Received>; close(): void } => {
  const way = tls ? "tls" : "plain";
  if (sender === "grpc-js") return rawReceiver(addresses.raw[way], tls ? ca : undefined);
  const peers = openPeers(tls ? { tls: { ca } } : {});
  const peer = peers.peer(addresses.headcut[way]);
  return {
    stream: async () => {
      let [batches, wireBytes] = [0, 0];
      let columns: ReturnType<typeof decodeSchema> = [];
      for await (const data of peer.fetch(Buffer.from(lz4 ? "lz4" : ""), { checked: true })) {
        wireBytes += flightDataBytes(data);
        if (messageKind(data.header) === "schema") columns = decodeSchema(data.header);
        else if (decodeBatch(data, columns).rowCount > 0) batches++;
      }
      return { batches, wireBytes };
    },
    close: peers.close,
  };
};

const rawReceiver = (address: string, ca: Buffer | undefined): { stream(): Promise<Received>; close(): void } => {
  const credentials = ca === undefined ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(ca);
  const client = new grpc.Client(address, credentials);
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    stream: async () => {
      let [batches, wireBytes] = [0, 0];
      for await (const message of client.makeServerStreamRequest(RAW_METHOD, same, same, Buffer.alloc(0))) {
        wireBytes += (message as Buffer).length;
        batches++;
      }
      return { batches, wireBytes };
    },
    close: () => client.close(),
  };
};

const ask = async (child: ChildProcess, message: object): Promise<unknown> => {
  child.send(message);
  const [answer] = (await once(child, "message")) as [unknown];
  return answer;
};

const cpuSeconds = async (child: ChildProcess): Promise<number> => {
  const { user, system } = (await ask(child, {})) as NodeJS.CpuUsage;
  return (user + system) / 1e6;
};

/** Of an authority that lives as long as the measurement. */
const certificates = async (): Promise<{ ca: string; cert: string; key: string }> => {
  const options = { keyType: "ec", algorithm: "sha256" } as const;
  const root = await generate([{ name: "commonName", value: "benchmark" }], {
    ...options,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const node = await generate([{ name: "commonName", value: "localhost" }], {
    ...options,
    ca: { key: root.private, cert: root.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  return { ca: root.cert, cert: node.cert, key: node.private };
};
