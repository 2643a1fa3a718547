import { createHash, timingSafeEqual } from "node:crypto";
import type { Grpc } from "./grpc.ts";

/** The header of Flight's older handshake. */
const FLIGHT_TOKEN_HEADER = "auth-token-bin";

/** Takes the same time whatever the texts have in common. */
const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());

/** Whether this user may come in: any name, and the token as password. */
export const admits = (token: string | undefined, { user, password }: Credentials): boolean =>
  user !== "" && password !== "" && (token === undefined || sameText(password, token));

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Whether the headers of a call show the token: `Bearer token`, `Basic base64(user:token)`, or as the older handshake gave it. */
export const isAuthorized = (metadata: Grpc.Metadata, token: string | undefined): boolean => {
  if (token === undefined) return true;
  const header = headerOf(metadata, "authorization");
  if (header !== undefined) {
    const bearer = /^bearer +(.*)$/i.exec(header)?.[1];
    if (bearer !== undefined) return sameText(bearer, token);
    const credentials = basicCredentials(header);
    return credentials !== undefined && admits(token, credentials);
  }
  const old = metadata.get(FLIGHT_TOKEN_HEADER)[0];
  return old !== undefined && sameText(old.toString(), token);
};

export const headerOf = (metadata: Grpc.Metadata, name: string): string | undefined =>
  metadata.get(name)[0]?.toString();

/** Of `Basic …`, padded or not. */
export const basicCredentials = (header: string): Credentials | undefined => {
  const encoded = /^basic +([A-Za-z0-9+/_-]+)=*$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
};
