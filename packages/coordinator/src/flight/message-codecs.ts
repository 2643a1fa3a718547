import type { Action, ActionType, FlightDescriptor, FlightEndpoint, FlightInfo, PollInfo } from "./flight-messages.ts";
import {
  asBytes,
  asNumber,
  asText,
  bytesField,
  bytesItem,
  doubleField,
  integerField,
  message,
  readFields,
  textField,
} from "./protobuf.ts";

/** Flight's messages as Protocol Buffers. Decoders throw QueryError "io" for malformed bytes; fields they do not know are skipped. */

const encoder = new TextEncoder();
const EMPTY = new Uint8Array(0);
const PATH = 1;
const COMMAND = 2;

export const encodeDescriptor = (descriptor: FlightDescriptor): Uint8Array =>
  descriptor.kind === "command"
    ? message(integerField(1, COMMAND), bytesField(2, descriptor.command))
    : message(integerField(1, PATH), ...descriptor.path.map((part) => bytesItem(3, encoder.encode(part))));

export const decodeDescriptor = (bytes: Uint8Array): FlightDescriptor => {
  let type = 0;
  let command: Uint8Array = EMPTY;
  const path: string[] = [];
  readFields(bytes, (field, value) => {
    if (field === 1) type = asNumber(value);
    else if (field === 2) command = asBytes(value);
    else if (field === 3) path.push(asText(value));
  });
  return type === PATH ? { kind: "path", path } : { kind: "command", command };
};

/** A Ticket, a Criteria, a SchemaResult and a PutResult alike: bytes as their first field. */
export const encodeBytes = (bytes: Uint8Array): Uint8Array => message(bytesField(1, bytes));

export const decodeBytes = (bytes: Uint8Array): Uint8Array => {
  let found: Uint8Array = EMPTY;
  readFields(bytes, (field, value) => {
    if (field === 1) found = asBytes(value);
  });
  return found;
};

export const encodeAction = ({ type, body }: Action): Uint8Array => message(textField(1, type), bytesField(2, body));

export const decodeAction = (bytes: Uint8Array): Action => {
  let type = "";
  let body: Uint8Array = EMPTY;
  readFields(bytes, (field, value) => {
    if (field === 1) type = asText(value);
    else if (field === 2) body = asBytes(value);
  });
  return { type, body };
};

export const encodeActionType = ({ type, description }: ActionType): Uint8Array =>
  message(textField(1, type), textField(2, description));

export const decodeActionType = (bytes: Uint8Array): ActionType => {
  let type = "";
  let description = "";
  readFields(bytes, (field, value) => {
    if (field === 1) type = asText(value);
    else if (field === 2) description = asText(value);
  });
  return { type, description };
};

/** google.protobuf.Timestamp. */
const encodeTimestamp = (ms: number): Uint8Array => {
  const seconds = Math.floor(ms / 1000);
  return message(integerField(1, seconds), integerField(2, Math.round((ms - seconds * 1000) * 1e6)));
};

const decodeTimestamp = (bytes: Uint8Array): number => {
  let ms = 0;
  readFields(bytes, (field, value) => {
    if (field === 1) ms += asNumber(value) * 1000;
    else if (field === 2) ms += asNumber(value) / 1e6;
  });
  return ms;
};

const timestampField = (field: number, ms: number | undefined): Uint8Array[] =>
  ms === undefined ? [] : bytesItem(field, encodeTimestamp(ms));

const encodeEndpoint = ({ ticket, locations, expirationTimeMs, appMetadata }: FlightEndpoint): Uint8Array =>
  message(
    bytesItem(1, encodeBytes(ticket)),
    ...locations.map((uri) => bytesItem(2, message(textField(1, uri)))),
    timestampField(3, expirationTimeMs),
    bytesField(4, appMetadata),
  );

const decodeEndpoint = (bytes: Uint8Array): FlightEndpoint => {
  let ticket: Uint8Array = EMPTY;
  const locations: string[] = [];
  let expirationTimeMs: number | undefined;
  let appMetadata: Uint8Array | undefined;
  readFields(bytes, (field, value) => {
    if (field === 1) ticket = decodeBytes(asBytes(value));
    else if (field === 2) locations.push(asText(decodeBytes(asBytes(value))));
    else if (field === 3) expirationTimeMs = decodeTimestamp(asBytes(value));
    else if (field === 4) appMetadata = asBytes(value);
  });
  return {
    ticket,
    locations,
    ...(expirationTimeMs === undefined ? {} : { expirationTimeMs }),
    ...(appMetadata === undefined ? {} : { appMetadata }),
  };
};

export const encodeFlightInfo = (info: FlightInfo): Uint8Array =>
  message(
    bytesField(1, info.schema),
    info.descriptor === undefined ? [] : bytesItem(2, encodeDescriptor(info.descriptor)),
    ...info.endpoints.map((endpoint) => bytesItem(3, encodeEndpoint(endpoint))),
    integerField(4, info.totalRecords),
    integerField(5, info.totalBytes),
    integerField(6, info.ordered ? 1 : 0),
    bytesField(7, info.appMetadata),
  );

export const decodeFlightInfo = (bytes: Uint8Array): FlightInfo => {
  let schema: Uint8Array = EMPTY;
  let descriptor: FlightDescriptor | undefined;
  const endpoints: FlightEndpoint[] = [];
  let totalRecords = 0;
  let totalBytes = 0;
  let ordered = false;
  let appMetadata: Uint8Array | undefined;
  readFields(bytes, (field, value) => {
    if (field === 1) schema = asBytes(value);
    else if (field === 2) descriptor = decodeDescriptor(asBytes(value));
    else if (field === 3) endpoints.push(decodeEndpoint(asBytes(value)));
    else if (field === 4) totalRecords = asNumber(value);
    else if (field === 5) totalBytes = asNumber(value);
    else if (field === 6) ordered = asNumber(value) !== 0;
    else if (field === 7) appMetadata = asBytes(value);
  });
  const info = { schema, descriptor, endpoints, totalRecords, totalBytes, ordered };
  return appMetadata === undefined ? info : { ...info, appMetadata };
};

export const encodePollInfo = ({ info, descriptor, progress, expirationTimeMs }: PollInfo): Uint8Array =>
  message(
    info === undefined ? [] : bytesItem(1, encodeFlightInfo(info)),
    descriptor === undefined ? [] : bytesItem(2, encodeDescriptor(descriptor)),
    progress === undefined ? [] : doubleField(3, progress),
    timestampField(4, expirationTimeMs),
  );

/** HandshakeRequest and HandshakeResponse: a protocol version, which everyone ignores, and bytes. */
export const encodeHandshake = (payload: Uint8Array): Uint8Array => message(bytesField(2, payload));

export const decodeHandshake = (bytes: Uint8Array): Uint8Array => {
  let payload: Uint8Array = EMPTY;
  readFields(bytes, (field, value) => {
    if (field === 2) payload = asBytes(value);
  });
  return payload;
};

/** The payload of the older handshake. */
export const decodeBasicAuth = (bytes: Uint8Array): { readonly user: string; readonly password: string } => {
  let user = "";
  let password = "";
  readFields(bytes, (field, value) => {
    if (field === 2) user = asText(value);
    else if (field === 3) password = asText(value);
  });
  return { user, password };
};
