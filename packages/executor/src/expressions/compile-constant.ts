import type { Constant } from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import type { ExpressionScope } from "./scope.ts";
import { emitLoad, freshValue } from "./storage-access.ts";
import type { Value } from "./value.ts";

/**
 * The constant's slot, loaded once at the function's entry. NULL, TRUE and FALSE are part of a query's shape and
 * stand in the code.
 */
export const compileConstant = (constant: Constant, { fn, module, context }: ExpressionScope): Value =>
  module.oncePerFunction(fn, constant, () => {
    const storage = storageOf(constant.type);
    if (constant.value === null || storage === "bool") {
      const value = freshValue(fn, storage, constant.value === null);
      fn.atEntry(() => {
        if (value.isNull !== undefined) {
          fn.i32(1);
          fn.set(value.isNull);
        } else {
          fn.i32(constant.value === true ? 1 : 0);
          fn.set(value.locals[0]!);
        }
      });
      return value;
    }
    const slot = module.constant(constant.type, constant.value);
    const block = module.constantsAddress(fn, context);
    let value: Value | undefined;
    fn.atEntry(() => {
      value = emitLoad(fn, storage, block, slot);
    });
    return value!;
  });
