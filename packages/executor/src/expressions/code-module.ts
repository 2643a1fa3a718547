import type { Value as ConstantValue, DataType } from "@headcut/plan";
import { threadContext } from "../layout/context.ts";
import type { FunctionBuilder, FunctionRef, Local, ValueType } from "../wasm/function-builder.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { type ConstantsBlock, ConstantsBuilder } from "./constants-block.ts";
import { type KernelName, kernelSignatures } from "./kernel-signatures.ts";
import type { Value } from "./value.ts";

/** A module under construction: its kernels, constants and messages, each by name. */
export class CodeModule {
  readonly builder: ModuleBuilder;
  private readonly constantsBuilder = new ConstantsBuilder();
  private readonly messageIndices = new Map<string, number>();
  private readonly shared = new Map<string, FunctionRef>();
  private readonly entries = new Map<FunctionBuilder, Entry>();

  constructor(builder: ModuleBuilder) {
    this.builder = builder;
  }

  kernel(name: KernelName): FunctionRef {
    const [params, results] = kernelSignatures[name];
    return this.builder.import("kernels", name, params, results);
  }

  /** `host.raise(code, detail)`: never returns, so `unreachable` may follow the call. */
  get raise(): FunctionRef {
    return this.builder.import("host", "raise", ["i32", "i32"], []);
  }

  /** A helper function of this module, built on first use: for code too long to repeat and too hot for a kernel. */
  helper(
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
    build: (fn: FunctionBuilder) => void,
  ): FunctionRef {
    const found = this.shared.get(name);
    if (found !== undefined) return found;
    const fn = this.builder.function(name, params, results);
    this.shared.set(name, fn);
    build(fn);
    return fn;
  }

  /** Detail of a `raise` whose error says this sentence. It must not depend on constants: modules are cached by their bytes. */
  message(sentence: string): number {
    const found = this.messageIndices.get(sentence);
    if (found !== undefined) return found;
    this.messageIndices.set(sentence, this.messageIndices.size);
    return this.messageIndices.size - 1;
  }

  get messages(): readonly string[] {
    return [...this.messageIndices.keys()];
  }

  /** Offset in the constants block of a new slot with the value, in the storage of its type. */
  constant(type: DataType, value: ConstantValue): number {
    return this.constantsBuilder.constant(type, value);
  }

  /** Offset in the constants block of a new slot of 8 bytes: address of the bytes (8-aligned) and `length`. */
  data(bytes: Uint8Array, relocations: readonly number[] = [], length = bytes.length): number {
    return this.constantsBuilder.data(bytes, relocations, length);
  }

  get constants(): ConstantsBlock {
    return this.constantsBuilder.finish();
  }

  /** A local of `fn` set at its entry to the address of the constants block. */
  constantsAddress(fn: FunctionBuilder, context: Local): Local {
    const entry = this.entry(fn);
    if (entry.constants === undefined) {
      const address = fn.local("i32");
      entry.constants = address;
      fn.atEntry(() => {
        fn.get(context);
        fn.mem("i32.load", threadContext.constants);
        fn.set(address);
      });
    }
    return entry.constants;
  }

  /** A value computed once per function and key; the caller sets its locals at the function's entry. */
  oncePerFunction(fn: FunctionBuilder, key: object | string, make: () => Value): Value {
    const { values } = this.entry(fn);
    let value = values.get(key);
    if (value === undefined) {
      value = make();
      values.set(key, value);
    }
    return value;
  }

  private entry(fn: FunctionBuilder): Entry {
    let entry = this.entries.get(fn);
    if (entry === undefined) {
      entry = { constants: undefined, values: new Map() };
      this.entries.set(fn, entry);
    }
    return entry;
  }
}

interface Entry {
  constants: Local | undefined;
  readonly values: Map<object | string, Value>;
}
