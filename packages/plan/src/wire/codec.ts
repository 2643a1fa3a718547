import { type Json, malformed, type Place, within } from "./place.ts";

/** The object a field is of, when decoding with the fields before it alone: a constant's value is read by its type. */
export type Owner = Readonly<Record<string, unknown>>;

/**
 * How values of one type travel. `undefined` as JSON means that the field is not in the message. `decode` trusts
 * nothing: it returns a T or throws a QueryError "io" that names the place.
 */
export interface Codec<T> {
  encode(value: T, owner?: Owner): Json | undefined;
  decode(json: Json | undefined, place: Place | undefined, owner?: Owner): T;
  /** For fields that may be absent from the object: an absent one is not set at all. */
  readonly omitted?: true;
}

export type Fields<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

/** The member of a union with this kind, where a member may have several. */
export type Variant<T, K> = T extends { readonly kind: infer X } ? (K extends X ? T : never) : never;

/** The fields of every kind: a forgotten kind, or a forgotten field of one, is a compile error. */
export type Variants<T extends { readonly kind: string }> = {
  readonly [K in T["kind"]]: Fields<Omit<Variant<T, K>, "kind">>;
};

type AnyFields = Readonly<Record<string, Codec<unknown>>>;
type JsonObject = Record<string, Json>;

const encodeFields = (out: JsonObject, fields: AnyFields, value: Owner): JsonObject => {
  for (const key in fields) {
    const json = fields[key]!.encode(value[key], value);
    if (json !== undefined) out[key] = json;
  }
  return out;
};

const decodeFields = (
  out: Record<string, unknown>,
  fields: AnyFields,
  json: Readonly<JsonObject>,
  place: Place | undefined,
): void => {
  let read = Object.keys(out).length;
  for (const key in fields) {
    const codec = fields[key]!;
    const present = Object.hasOwn(json, key);
    if (present) read++;
    else if (codec.omitted) continue;
    out[key] = codec.decode(present ? json[key] : undefined, within(place, key), out);
  }
  if (read === Object.keys(json).length) return;
  const stranger = Object.keys(json).find((key) => !Object.hasOwn(fields, key) && !Object.hasOwn(out, key));
  throw malformed(place, `no field ${JSON.stringify(stranger?.slice(0, 40))}`);
};

const asObject = (json: Json | undefined, place: Place | undefined): Readonly<JsonObject> => {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw malformed(place, "an object");
  return json as Readonly<JsonObject>;
};

/** An object with exactly these fields, written in this order. */
export const object = <T extends object>(fields: Fields<T>): Codec<T> => ({
  encode: (value) => encodeFields({}, fields as AnyFields, value as Owner),
  decode: (json, place) => {
    const out: Record<string, unknown> = {};
    decodeFields(out, fields as AnyFields, asObject(json, place), place);
    return out as T;
  },
});

/** A tagged union: an object whose `kind` comes first. The variants are given by a function, since they may recur. */
export const union = <T extends { readonly kind: string }>(variants: () => Variants<T>): Codec<T> => {
  let known: Readonly<Record<string, AnyFields>> | undefined;
  const all = (): Readonly<Record<string, AnyFields>> => {
    known ??= variants() as unknown as Readonly<Record<string, AnyFields>>;
    return known;
  };
  return {
    encode: (value) => encodeFields({ kind: value.kind }, all()[value.kind]!, value as unknown as Owner),
    decode: (json, place) => {
      const object = asObject(json, place);
      const kind = Object.hasOwn(object, "kind") ? object.kind : undefined;
      if (typeof kind !== "string" || !Object.hasOwn(all(), kind)) {
        throw malformed(within(place, "kind"), `one of ${Object.keys(all()).join(", ")}`);
      }
      const out: Record<string, unknown> = { kind };
      decodeFields(out, all()[kind]!, object, place);
      return out as unknown as T;
    },
  };
};

export const list = <T>(item: Codec<T>): Codec<readonly T[]> => ({
  encode: (values) => values.map((value) => item.encode(value)!),
  decode: (json, place) => {
    if (!Array.isArray(json)) throw malformed(place, "a list");
    const out: T[] = [];
    for (let i = 0; i < json.length; i++) out.push(item.decode(json[i] as Json, within(place, i)));
    return out;
  },
});

/** A field that is always there, with `undefined` for none. */
export const optional = <T>(codec: Codec<T>): Codec<T | undefined> => ({
  encode: (value, owner) => (value === undefined ? undefined : codec.encode(value, owner)),
  decode: (json, place, owner) => (json === undefined ? undefined : codec.decode(json, place, owner)),
});

/** A field `name?: T`, which is not set when absent. */
export const omittable = <T>(codec: Codec<T>): Codec<T> & { readonly omitted: true } => ({
  encode: (value, owner) => (value === undefined ? undefined : codec.encode(value, owner)),
  decode: codec.decode,
  omitted: true,
});
