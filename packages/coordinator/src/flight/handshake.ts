import { asBuffer } from "../rpc/as-buffer.ts";
import type { GrpcLibrary } from "../rpc/grpc.ts";
import type { ServerCall } from "../rpc/server-call.ts";
import { admits, basicCredentials } from "../rpc/token.ts";
import { decodeBasicAuth, decodeHandshake, encodeHandshake } from "./message-codecs.ts";

/** What is given to those who ask for a token when none is needed. */
const OPEN_DOOR = "none";
const REFUSAL = "the user and password were not accepted";

/**
 * Trades a name and the cluster's token, as password, for the token. Credentials come as a header (`authorization: Basic …`), answered by
 * the header `authorization: Bearer …` and, for clients that look there, a trailer; or as Flight's older payload, answered
 * by a payload.
 */
export const handshake = async (grpc: GrpcLibrary, call: ServerCall, token: string | undefined): Promise<void> => {
  try {
    const header = call.context.header("authorization");
    const answer = token ?? OPEN_DOOR;
    if (header === undefined) {
      const request = await call.read();
      const payload = request === undefined ? new Uint8Array(0) : decodeHandshake(request);
      if ((token !== undefined || payload.length > 0) && !admits(token, decodeBasicAuth(payload))) {
        call.refuse(REFUSAL);
        return;
      }
      await call.send(asBuffer(encodeHandshake(Buffer.from(answer))));
      call.end();
      return;
    }
    // A bearer of the token has nothing to trade, and may ask all the same.
    const bearer = /^bearer +(.*)$/i.exec(header)?.[1];
    const shown = bearer === undefined ? basicCredentials(header) : { user: "bearer", password: bearer };
    if (shown === undefined || !admits(token, shown)) {
      call.refuse(REFUSAL);
      return;
    }
    const trailers = new grpc.Metadata();
    trailers.set("authorization", `Bearer ${answer}`);
    call.context.setHeader("authorization", `Bearer ${answer}`);
    call.end(trailers);
  } catch (error) {
    call.fail(error);
  }
};
