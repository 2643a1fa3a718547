import { ByteWriter } from "./byte-writer.ts";
import {
  FunctionBuilder,
  type FunctionRef,
  type FunctionType,
  type TableFunction,
  type ValueType,
  valueTypeCodes,
} from "./function-builder.ts";

interface Import extends FunctionRef {
  readonly module: string;
}

/**
 * Assembles a module that imports one shared memory, `env.memory`, and perhaps a table of functions, `env.table`, and exports functions
 * (specification §5.5).
 */
export class ModuleBuilder {
  private readonly maximumPages: number;
  private readonly imports = new Map<string, Import>();
  private readonly inTable = new Map<number, TableFunction>();
  private readonly functions: FunctionBuilder[] = [];
  private readonly exported: FunctionBuilder[] = [];

  /** `maximumPages`: of the shared memory, in 64 KiB; it must not be below the actual memory's maximum. */
  constructor(maximumPages = 65536) {
    this.maximumPages = maximumPages;
  }

  /** The same import asked for twice is one import. */
  import(module: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const key = `${module}.${name}`;
    let found = this.imports.get(key);
    if (found === undefined) {
      found = { module, name, type: { params, results } };
      this.imports.set(key, found);
    }
    return found;
  }

  /** A function of the table; the same slot asked for twice is one function. */
  tableFunction(
    slot: number,
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
  ): TableFunction {
    let found = this.inTable.get(slot);
    if (found === undefined) {
      found = { slot, name, type: { params, results } };
      this.inTable.set(slot, found);
    }
    return found;
  }

  function(name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionBuilder {
    const builder = new FunctionBuilder(name, { params, results });
    this.functions.push(builder);
    return builder;
  }

  /** A function visible to the host under its name. */
  exportFunction(name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionBuilder {
    const builder = this.function(name, params, results);
    this.exported.push(builder);
    return builder;
  }

  finish(): Uint8Array {
    const indices = new Map<FunctionRef, number>();
    for (const imported of this.imports.values()) indices.set(imported, indices.size);
    for (const defined of this.functions) indices.set(defined, indices.size);
    const types = new TypeTable();
    const indexOf = (target: FunctionRef | TableFunction): number => {
      if ("slot" in target) return types.indexOf(target.type);
      const index = indices.get(target);
      if (index === undefined) throw new Error(`internal error: function ${target.name} belongs to another module`);
      return index;
    };

    const importTypes = [...this.imports.values()].map((imported) => types.indexOf(imported.type));
    const functionTypes = this.functions.map((defined) => types.indexOf(defined.type));
    for (const { type } of this.inTable.values()) types.indexOf(type);

    const out = new ByteWriter();
    out.append(new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]));
    section(out, 1, types.all, (to, type) => {
      to.byte(0x60);
      for (const list of [type.params, type.results]) {
        to.u32(list.length);
        for (const valueType of list) to.byte(valueTypeCodes[valueType]);
      }
    });
    const importEntries = ["memory", ...(this.inTable.size > 0 ? ["table"] : []), ...this.imports.values()] as const;
    const firstFunction = importEntries.length - this.imports.size;
    section(out, 2, importEntries, (to, imported, position) => {
      if (typeof imported === "string") {
        to.name("env");
        to.name(imported);
        if (imported === "memory") {
          to.byte(0x02);
          to.byte(0x03); // limits with a maximum, shared
          to.u32(1);
          to.u32(this.maximumPages);
        } else {
          to.byte(0x01);
          to.byte(0x70); // of functions
          to.byte(0x00); // limits without a maximum
          to.u32(0);
        }
        return;
      }
      to.name(imported.module);
      to.name(imported.name);
      to.byte(0x00);
      to.u32(importTypes[position - firstFunction]!);
    });
    section(out, 3, functionTypes, (to, type) => to.u32(type));
    section(out, 7, this.exported, (to, exported) => {
      to.name(exported.name);
      to.byte(0x00);
      to.u32(indexOf(exported));
    });
    section(out, 10, this.functions, (to, defined) => {
      const code = defined.encode(indexOf);
      to.u32(code.length);
      to.append(code);
    });
    return out.finish();
  }
}

class TypeTable {
  readonly all: FunctionType[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(type: FunctionType): number {
    const key = `${type.params.join()}>${type.results.join()}`;
    let index = this.indices.get(key);
    if (index === undefined) {
      index = this.all.push(type) - 1;
      this.indices.set(key, index);
    }
    return index;
  }
}

const section = <T>(
  out: ByteWriter,
  id: number,
  entries: readonly T[],
  write: (to: ByteWriter, entry: T, position: number) => void,
): void => {
  const content = new ByteWriter();
  content.u32(entries.length);
  entries.forEach((entry, position) => {
    write(content, entry, position);
  });
  out.byte(id);
  out.u32(content.length);
  out.append(content.finish());
};
