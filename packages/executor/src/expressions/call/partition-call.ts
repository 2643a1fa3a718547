import { type Constant, constant, type Expression, int32 } from "@headcut/plan";
import { emitHash } from "../hash.ts";
import { pop } from "../value.ts";
import type { EmitCall } from "./call.ts";

/** No name that SQL could write: the planner knows no such function. */
const PARTITION = "partition of";
/** Odd, with well mixed bits (xxHash's second prime of 64 bits). */
const MIX = 0xc2b2ae3d27d4eb4fn;

/**
 * The partition, 0 … `partitions` - 1, that the keys' values belong to: equal values (as GROUP BY has it: NULL is one value)
 * of the same types are in the same one, on every node. An INTEGER, never NULL.
 */
export const partitionOf = (keys: readonly Expression[], partitions: number): Expression => ({
  kind: "call",
  name: PARTITION,
  args: [constant(int32, partitions), ...keys],
  type: int32,
  nullable: false,
});

/**
 * The hash mixed once more, then its high bits scaled to the number of partitions: those who build hash tables of one partition's
 * rows use the hash's own bits, which must not be alike among them.
 */
const partition: EmitCall = ({ scope, call, args }) => {
  const { fn } = scope;
  const count = (call.args[0] as Constant).value as number;
  emitHash(
    scope,
    args.slice(1),
    call.args.slice(1).map(({ type }) => type),
  );
  fn.i64(MIX);
  fn.op("i64.mul");
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.i64(count);
  fn.op("i64.mul");
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.op("i32.wrap_i64");
  return pop(fn, "int32");
};

export const partitionCalls: Readonly<Record<string, EmitCall>> = { [PARTITION]: partition };
