/** What other packages build the encodings of their own messages from. */
export { type Codec, type Fields, list, object, omittable, optional, union } from "./codec.ts";
export { plan } from "./encode-plan.ts";
export { errorCode } from "./error-code-codec.ts";
export { column, expressions, sortKey, typedValue } from "./expression-codec.ts";
export { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, WIRE_VERSION } from "./message.ts";
export { type Json, malformed, type Place } from "./place.ts";
export { bytes, flag, float, integer, keyOf, natural, text, word } from "./scalar-codecs.ts";
export { fileConstant, parquetFile, tableColumn } from "./table-codec.ts";
