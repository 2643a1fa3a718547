import { createHmac, timingSafeEqual } from "node:crypto";
import { QueryError } from "@headcut/plan";

const TAG_BYTES = 32;
/** Keeps the tag from being of use as anything else that the token may sign. */
const PURPOSE = "headcut ticket 1\n";

/** The ticket with a tag before it that only who knows the cluster's token can make; without a token, the ticket as it is. */
export const signTicket = (ticket: Uint8Array, token: string | undefined): Uint8Array =>
  token === undefined ? ticket : Buffer.concat([tagOf(ticket, token), ticket]);

/** The ticket without its tag. Throws QueryError "invalid-argument" when the tag is not that of the token. */
export const openTicket = (bytes: Uint8Array, token: string | undefined): Uint8Array => {
  if (token === undefined) return bytes;
  const [tag, ticket] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES)];
  if (tag.length === TAG_BYTES && timingSafeEqual(tag, tagOf(ticket, token))) return ticket;
  throw new QueryError("invalid-argument", "the ticket was not made by a node of this cluster", {
    hint: "Ask GetFlightInfo for one.",
  });
};

const tagOf = (ticket: Uint8Array, token: string): Buffer =>
  createHmac("sha256", token).update(PURPOSE).update(ticket).digest();
