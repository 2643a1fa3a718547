import type { ExpressionScope } from "./scope.ts";
import { emitLoad } from "./storage-access.ts";
import type { Value } from "./value.ts";

/** Bytes for the constants block that a slot refers to. */
export interface ConstantData {
  readonly bytes: Uint8Array;
  /** Offsets in `bytes` of u32 that hold offsets into them. */
  readonly relocations: readonly number[];
  /** What the reference gives as its length. */
  readonly length: number;
}

/** An array of string references and the strings behind it; its length is their number. */
export const referenceList = (strings: readonly (string | Uint8Array)[]): ConstantData => {
  const contents = strings.map((text) => (typeof text === "string" ? new TextEncoder().encode(text) : text));
  const total = contents.reduce((sum, { length }) => sum + length, contents.length * 8);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let end = contents.length * 8;
  contents.forEach((content, i) => {
    view.setUint32(8 * i, end, true);
    view.setUint32(8 * i + 4, content.length, true);
    bytes.set(content, end);
    end += content.length;
  });
  return { bytes, relocations: contents.map((_, i) => 8 * i), length: contents.length };
};

/** An array of 64-bit integers; its length is their number. */
export const integerList = (values: readonly bigint[]): ConstantData => ({
  bytes: new Uint8Array(new BigInt64Array(values).buffer),
  relocations: [],
  length: values.length,
});

/** A string-like reference (address, length) to data in the constants block, loaded at the function's entry. */
export const dataReference = ({ fn, module, context }: ExpressionScope, data: ConstantData): Value => {
  const slot = module.data(data.bytes, data.relocations, data.length);
  const block = module.constantsAddress(fn, context);
  let value: Value | undefined;
  fn.atEntry(() => {
    value = emitLoad(fn, "string", block, slot);
  });
  return value!;
};
