import type { DataType, DataTypeKind } from "../data-type.ts";
import type { IntervalValue, Value } from "../value.ts";
import { type Codec, type Owner, object } from "./codec.ts";
import { malformed } from "./place.ts";
import { bigInteger, bytes, flag, float, integer, text } from "./scalar-codecs.ts";

const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const DECIMAL_MAX = 10n ** 38n - 1n;
const UUID_BYTES = 16;

const int32 = integer(-INT32_MAX - 1, INT32_MAX);
const int64 = bigInteger(-INT64_MAX - 1n, INT64_MAX);

const interval: Codec<IntervalValue> = object({ months: int32, days: int32, micros: int64 });

const nothing: Codec<never> = {
  encode: () => null,
  decode: (_, place) => {
    throw malformed(place, "null");
  },
};

const uuid: Codec<Uint8Array> = {
  encode: bytes.encode,
  decode: (json, place) => {
    const value = bytes.decode(json, place);
    if (value.length !== UUID_BYTES) throw malformed(place, `${UUID_BYTES} bytes`);
    return value;
  },
};

/** How values that are not NULL travel, by their type; see `Value`. */
const BY_KIND = {
  null: nothing,
  boolean: flag,
  int8: integer(-128, 127),
  int16: integer(-32768, 32767),
  int32,
  int64,
  uint8: integer(0, 255),
  uint16: integer(0, 65535),
  uint32: integer(0, 2 ** 32 - 1),
  uint64: bigInteger(0n, UINT64_MAX),
  float,
  double: float,
  decimal: bigInteger(-DECIMAL_MAX, DECIMAL_MAX),
  date: int32,
  time: int64,
  timestamp: int64,
  interval,
  varchar: text,
  blob: bytes,
  uuid,
} satisfies Readonly<Record<DataTypeKind, Codec<never> | Codec<boolean> | Codec<number> | Codec<bigint> | object>>;

const codecOf = (type: DataType): Codec<Value> => BY_KIND[type.kind] as unknown as Codec<Value>;

/** A value whose type is known: NULL is null. */
export const valueCodec = (type: DataType): Codec<Value> => ({
  encode: (value) => (value === null ? null : codecOf(type).encode(value)),
  decode: (json, place) => (json === null ? null : codecOf(type).decode(json, place)),
});

/** The value in an object that says its type in the field `type` before. */
export const typedValueField: Codec<Value> = {
  encode: (value, owner) => valueCodec(typeOf(owner)).encode(value),
  decode: (json, place, owner) => valueCodec(typeOf(owner)).decode(json, place),
};

const typeOf = (owner: Owner | undefined): DataType => owner!.type as DataType;
