import { readFileSync } from "node:fs";
import { type ColumnRef, type DataType, type Expression, QueryError, type Value } from "@headcut/plan";
import { CodeModule } from "../../src/expressions/code-module.ts";
import { compileExpression } from "../../src/expressions/compile-expression.ts";
import { writeConstant } from "../../src/expressions/constants-block.ts";
import { expressionError } from "../../src/expressions/expression-error.ts";
import type { ExpressionScope } from "../../src/expressions/scope.ts";
import { emitLoad, emitStore } from "../../src/expressions/storage-access.ts";
import type { Value as CodeValue } from "../../src/expressions/value.ts";
import { arenaBlock, threadContext } from "../../src/layout/context.ts";
import { storageLayout, storageOf } from "../../src/layout/storage.ts";
import type { FunctionBuilder } from "../../src/wasm/function-builder.ts";
import { ModuleBuilder } from "../../src/wasm/module-builder.ts";

const PAGES = 1024;

/** One memory with kernels and a thread context, on which compiled functions run one call at a time. */
export class Machine {
  readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: 65536, shared: true });
  readonly bytes = new Uint8Array(this.memory.buffer);
  readonly view = new DataView(this.memory.buffer);
  readonly kernels: Record<string, (...args: never[]) => number>;
  readonly context: number;
  readonly arena: number;
  private readonly scratch: number;

  constructor() {
    const wasm = new WebAssembly.Module(readFileSync(new URL("../../dist/kernels.wasm", import.meta.url)));
    this.kernels = new WebAssembly.Instance(wasm, { env: { memory: this.memory } }).exports as Machine["kernels"];
    this.call("initializeHeap", PAGES);
    const block = this.allocate(4096);
    this.context = block;
    this.scratch = block + 1024;
    this.arena = block + 1024 + arenaBlock.bytes;
    this.call("arenaInitialize", this.scratch, 0);
    this.call("arenaInitialize", this.arena, 0);
    this.view.setUint32(this.context + threadContext.scratch, this.scratch, true);
    this.view.setUint32(this.context + threadContext.arena, this.arena, true);
  }

  call(kernel: string, ...args: (number | bigint)[]): number {
    return this.kernels[kernel]!(...(args as never[]));
  }

  /** Zeroed bytes that live as long as the machine. */
  allocate(bytes: number): number {
    const address = this.call("slabAllocate", 0, Math.max(bytes, 16)) >>> 0;
    if (address === 0) throw new Error("the test memory is full");
    this.bytes.fill(0, address, address + bytes);
    return address;
  }

  resetScratch(): void {
    this.call("arenaReset", this.scratch);
  }

  /** Compiles a module whose functions `build` defines, and makes its constants the context's. */
  load(build: (module: CodeModule) => void): { exports: Record<string, (...args: number[]) => number>; size: number } {
    const module = new CodeModule(new ModuleBuilder());
    build(module);
    const { bytes, relocations } = module.constants;
    const address = this.allocate(bytes.length);
    this.bytes.set(bytes, address);
    for (const offset of relocations) {
      this.view.setUint32(address + offset, this.view.getUint32(address + offset, true) + address, true);
    }
    this.view.setUint32(this.context + threadContext.constants, address, true);
    const raise = (code: number, detail: number): never => {
      throw expressionError(code, detail, module.messages, this.bytes) ?? new Error(`raised ${code}`);
    };
    const wasm = module.builder.finish();
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
      env: { memory: this.memory },
      kernels: this.kernels,
      host: { raise },
    });
    return { exports: instance.exports as Record<string, (...args: number[]) => number>, size: wasm.length };
  }

  /** Writes a value in the storage of its type; a string's bytes go to the arena. */
  write(type: DataType, value: Value, address: number): void {
    if (value === null) return;
    if (storageOf(type) !== "string") {
      writeConstant(type, value, this.view, address);
      return;
    }
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
    const copy = this.call("arenaAllocate", this.arena, bytes.length + 8) >>> 0;
    this.bytes.set(bytes, copy);
    this.view.setUint32(address, copy, true);
    this.view.setUint32(address + 4, bytes.length, true);
  }

  read(type: DataType, address: number): Value {
    switch (storageOf(type)) {
      case "bool":
        return this.view.getUint8(address) !== 0;
      case "int32":
        return this.view.getInt32(address, true);
      case "int64": {
        const raw = this.view.getBigInt64(address, true);
        if (type.kind === "uint64") return BigInt.asUintN(64, raw);
        return type.kind === "uint32" ? Number(raw) : raw;
      }
      case "float32":
        return this.view.getFloat32(address, true);
      case "float64":
        return this.view.getFloat64(address, true);
      case "string": {
        const start = this.view.getUint32(address, true);
        const bytes = this.bytes.slice(start, start + this.view.getUint32(address + 4, true));
        return type.kind === "blob" ? bytes : new TextDecoder().decode(bytes);
      }
      case "int128": {
        const low = this.view.getBigUint64(address, true);
        const high = this.view.getBigInt64(address + 8, true);
        if (type.kind === "interval") {
          return {
            months: Number(high >> 32n),
            days: Number(BigInt.asIntN(32, high)),
            micros: BigInt.asIntN(64, low),
          };
        }
        const wide = (high << 64n) | low;
        if (type.kind !== "uuid") return wide;
        let rest = BigInt.asUintN(128, wide ^ (1n << 127n));
        const bytes = new Uint8Array(16);
        for (let i = 15; i >= 0; i--) {
          bytes[i] = Number(rest & 0xffn);
          rest >>= 8n;
        }
        return bytes;
      }
    }
  }
}

export interface TestColumn {
  readonly column: ColumnRef;
  readonly values: readonly Value[];
}

/** Rows in the machine's memory: per column values and one NULL byte each. */
export const placeColumns = (machine: Machine, columns: readonly TestColumn[]) =>
  columns.map(({ column, values }) => {
    const { bytes } = storageLayout[storageOf(column.type)];
    const at = machine.allocate(values.length * bytes);
    const nulls = machine.allocate(values.length);
    values.forEach((value, row) => {
      machine.write(column.type, value, at + row * bytes);
      machine.bytes[nulls + row] = value === null ? 1 : 0;
    });
    return { column, bytes, at, nulls };
  });

export type Placed = ReturnType<typeof placeColumns>;

/** A scope that loads every column for the row number in the given parameter. */
export const rowScope = (fn: FunctionBuilder, module: CodeModule, placed: Placed): ExpressionScope => {
  const values = new Map<number, CodeValue>();
  const [context, row] = fn.params;
  for (const { column, bytes, at, nulls } of placed) {
    const address = fn.local("i32");
    fn.get(row!);
    fn.i32(bytes);
    fn.op("i32.mul");
    fn.i32(at);
    fn.op("i32.add");
    fn.set(address);
    let value = emitLoad(fn, storageOf(column.type), address);
    if (column.nullable) {
      const isNull = fn.local("i32");
      fn.get(row!);
      fn.mem("i32.load8_u", nulls);
      fn.set(isNull);
      value = { ...value, isNull };
    }
    values.set(column.id, value);
  }
  return { fn, module, context: context!, operatorId: 7, column: (id) => values.get(id)! };
};

export type Outcome = { readonly value: Value } | { readonly error: QueryError };

/** Evaluates each expression for each row: `outcomes[expression][row]`. */
export const evaluate = (
  machine: Machine,
  placed: Placed,
  rowCount: number,
  expressions: readonly Expression[],
): Outcome[][] =>
  expressions.map((expression) => {
    const out = machine.allocate(32);
    const { exports } = machine.load((module) => {
      const fn = module.builder.exportFunction("evaluate", ["i32", "i32"], []);
      const scope = rowScope(fn, module, placed);
      const value = compileExpression(expression, scope);
      const address = fn.local("i32");
      fn.i32(out);
      fn.set(address);
      emitStore(fn, value, address);
      fn.get(address);
      if (value.isNull === undefined) fn.i32(0);
      else fn.get(value.isNull);
      fn.mem("i32.store", 16);
    });
    return Array.from({ length: rowCount }, (_, row): Outcome => {
      machine.resetScratch();
      try {
        exports.evaluate!(machine.context, row);
      } catch (error) {
        if (error instanceof QueryError) return { error };
        throw error;
      }
      if (machine.view.getUint32(out + 16, true) !== 0) return { value: null };
      return { value: machine.read(expression.type, out) };
    });
  });
