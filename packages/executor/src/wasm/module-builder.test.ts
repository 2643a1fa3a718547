import { describe, expect, it } from "vitest";
import { ModuleBuilder } from "./module-builder.ts";

const instantiate = (
  bytes: Uint8Array,
  imports: Record<string, (...args: number[]) => number> = {},
  table?: WebAssembly.Table,
) => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table }, host: imports });
  return { exports: exports as Record<string, (...args: unknown[]) => unknown>, memory };
};

describe("ModuleBuilder", () => {
  it("emits loops, branches and calls in any order of definition", () => {
    const module = new ModuleBuilder();
    const sum = module.exportFunction("sumTo", ["i32"], ["i64"]);
    const twice = module.function("twice", ["i64"], ["i64"]);
    const offset = module.import("host", "offset", ["i32"], ["i32"]);
    const [n] = sum.params;
    const total = sum.local("i64");
    const base = sum.local("i32");
    sum.block((done) => {
      sum.loop((next) => {
        sum.get(n!);
        sum.op("i32.eqz");
        sum.brIf(done);
        sum.get(total);
        sum.get(n!);
        sum.op("i64.extend_i32_s");
        sum.op("i64.add");
        sum.set(total);
        sum.get(n!);
        sum.i32(1);
        sum.op("i32.sub");
        sum.set(n!);
        sum.br(next);
      });
    });
    sum.get(total);
    sum.call(twice);
    sum.get(base);
    sum.op("i64.extend_i32_s");
    sum.op("i64.add");
    sum.atEntry(() => {
      sum.i32(7);
      sum.call(offset);
      sum.set(base);
    });
    twice.get(twice.params[0]!);
    twice.i64(2);
    twice.op("i64.mul");
    const { exports } = instantiate(module.finish(), { offset: (value) => (value ?? 0) * 1000 });
    expect(exports.sumTo!(10)).toBe(7110n);
  });

  it("calls functions of a table by their slots, beside imported ones", () => {
    const library = new ModuleBuilder();
    const double = library.exportFunction("double", ["i32"], ["i32"]);
    double.get(double.params[0]!);
    double.get(double.params[0]!);
    double.op("i32.add");
    const table = new WebAssembly.Table({ element: "anyfunc", initial: 300 });
    table.set(299, instantiate(library.finish()).exports.double);

    const module = new ModuleBuilder();
    const f = module.exportFunction("f", ["i32"], ["i32"]);
    f.get(f.params[0]!);
    f.call(module.tableFunction(299, "double", ["i32"], ["i32"]));
    f.call(module.import("host", "next", ["i32"], ["i32"]));
    f.call(module.tableFunction(299, "double", ["i32"], ["i32"]));
    const { exports } = instantiate(module.finish(), { next: (value) => (value ?? 0) + 1 }, table);
    expect(exports.f!(5)).toBe(22);

    const wrong = new ModuleBuilder();
    const g = wrong.exportFunction("g", [], ["i64"]);
    g.call(wrong.tableFunction(299, "double", [], ["i64"]));
    expect(() => instantiate(wrong.finish(), {}, table).exports.g!()).toThrow(WebAssembly.RuntimeError);
  });

  it("reads and writes the shared memory, with SIMD and atomics", () => {
    const module = new ModuleBuilder();
    const f = module.exportFunction("f", ["i32"], ["i32"]);
    const [address] = f.params;
    f.get(address!);
    f.get(address!);
    f.mem("v128.load");
    f.i32(5);
    f.op("i32x4.splat");
    f.op("i32x4.add");
    f.mem("v128.store", 16);
    f.get(address!);
    f.i32(100);
    f.mem("i32.atomic.rmw.add", 16);
    const { exports, memory } = instantiate(module.finish());
    const view = new Int32Array(memory.buffer);
    view.set([1, 2, 3, 4], 16);
    expect(exports.f!(64)).toBe(6);
    expect([...view.subarray(20, 24)]).toEqual([106, 7, 8, 9]);
  });

  it("encodes extreme constants", () => {
    const module = new ModuleBuilder();
    for (const value of [-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, 63n, 64n, -64n, -65n]) {
      const f = module.exportFunction(`c${value}`, [], ["i64"]);
      f.i64(value);
    }
    const { exports } = instantiate(module.finish());
    for (const [name, f] of Object.entries(exports)) expect(f()).toBe(BigInt(name.slice(1)));
  });
});
