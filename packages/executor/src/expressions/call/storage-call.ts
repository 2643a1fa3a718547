import type { DataType, Expression } from "@headcut/plan";
import type { EmitCall } from "./call.ts";

/** No name that SQL could write: the planner knows no such function. */
const STORED_AS = "stored as";

/**
 * The argument's bits as a value of another type with the same storage (layout/storage.ts): a decimal of up to 18 digits as its unscaled
 * BIGINT. Results of such types need no conversion to Arrow's layout, which has wider ones for them or cannot hold all their values.
 */
export const storedAs = (arg: Expression, type: DataType): Expression => ({
  kind: "call",
  name: STORED_AS,
  args: [arg],
  type,
  nullable: arg.nullable,
});

const reinterpret: EmitCall = ({ args }) => args[0]!;

export const storageCalls: Readonly<Record<string, EmitCall>> = { [STORED_AS]: reinterpret };
