import type { FunctionBuilder, FunctionRef, Label, Local } from "../../wasm/function-builder.ts";
import { Code } from "../code.ts";

/** What is sorted: { prefix: u64 (sort-prefix.ts), row address: u32, 0 }. */
export const sortEntry = { prefix: 0, row: 8, bytes: 16 } as const;
export const ENTRY_SHIFT = 4;

/**
 * How rows with equal prefixes compare: leaves an i32 below, at or above zero; undefined when equal prefixes are equal
 * rows.
 */
export type CompareRows = ((code: Code, a: Local, b: Local) => void) | undefined;

/** Copies the entry at one address to another. */
export const copyEntry = (fn: FunctionBuilder, from: Local, to: Local): void => {
  fn.get(to);
  fn.get(from);
  fn.mem("v128.load");
  fn.mem("v128.store");
};

/** Moves a pointer on. */
export const advance = (fn: FunctionBuilder, pointer: Local, bytes: number): void => {
  fn.get(pointer);
  fn.i32(bytes);
  fn.op("i32.add");
  fn.set(pointer);
};

/** An entry whose prefix is in a local, and whose row is loaded when it is asked for. */
export const entryAt = (fn: FunctionBuilder, pointer: Local, prefix: Local) => ({
  prefix,
  row: () => {
    fn.get(pointer);
    fn.mem("i32.load", sortEntry.row);
  },
});

/** Branches to `label` if the entry (prefix, row) comes after the entry (prefix, row). */
export const branchIfAfter = (
  code: Code,
  name: string,
  compare: CompareRows,
  a: { readonly prefix: Local; readonly row: () => void },
  b: { readonly prefix: Local; readonly row: () => void },
  label: Label,
): void => {
  const { fn } = code;
  fn.get(a.prefix);
  fn.get(b.prefix);
  fn.op("i64.gt_u");
  fn.brIf(label);
  if (compare === undefined) return;
  fn.get(a.prefix);
  fn.get(b.prefix);
  fn.op("i64.eq");
  fn.if(() => {
    fn.get(code.context);
    a.row();
    b.row();
    fn.call(compareFunction(code, name, compare));
    fn.i32(0);
    fn.op("i32.gt_s");
    fn.brIf(label);
  });
};

/** A function (context, a, b) → order of two rows. */
export const compareFunction = (outer: Code, name: string, compare: NonNullable<CompareRows>): FunctionRef =>
  outer.module.helper(`compare ${name}`, ["i32", "i32", "i32"], ["i32"], (fn) => {
    compare(new Code(fn, outer.module, fn.params[0]!), fn.params[1]!, fn.params[2]!);
  });
