import { open } from "node:fs/promises";
import { QueryError } from "@headcut/plan";
import type { Peer } from "../rpc/peer.ts";
import type { Pace } from "./pace.ts";
import { type PutRequest, putAnswer, putRequest } from "./shard-messages.ts";

const CHUNK_BYTES = 1 << 20;

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that were sent since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly pace?: Pace | undefined;
}

/**
 * Sends a file to a node, which keeps it under the name of the request; no faster than it writes. False when the node has it already. Throws
 * QueryError "io", and what the node throws.
 */
export const sendShard = async (
  peer: Pick<Peer, "open" | "address">,
  request: PutRequest,
  path: string,
  { signal, onBytes, pace }: SendOptions = {},
): Promise<boolean> => {
  const stream = peer.open("putShard", { signal });
  try {
    const answers = stream[Symbol.asyncIterator]();
    await stream.send(putRequest.encode(request));
    if (!(await nextAnswer(answers, peer))) return false;
    const file = await open(path, "r");
    try {
      for await (const chunk of file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
        await stream.send(chunk as Buffer);
        onBytes?.((chunk as Buffer).length);
        await pace?.((chunk as Buffer).length);
      }
    } finally {
      await file.close();
    }
    stream.end();
    await nextAnswer(answers, peer);
    return true;
  } catch (cause) {
    stream.cancel();
    throw cause;
  } finally {
    stream.end();
  }
};

const nextAnswer = async (answers: AsyncIterator<Uint8Array>, { address }: Pick<Peer, "address">): Promise<boolean> => {
  const { done, value } = await answers.next();
  if (done === true) throw new QueryError("io", `node ${address} ended the transfer of a shard without an answer`);
  return putAnswer.decode(value).wanted;
};
