import { describe, expect, it } from "vitest";
import { nameExports } from "./name-section.ts";

/** (module (func) (func (export "trap") unreachable) (export "again" (func 1))) */
const module = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00], // types: () -> ()
  ...[0x03, 0x03, 0x02, 0x00, 0x00], // functions
  ...[0x07, 0x08, 0x01, 0x04, ...Buffer.from("trap"), 0x00, 0x01], // exports
  ...[0x0a, 0x08, 0x02, 0x02, 0x00, 0x0b, 0x03, 0x00, 0x00, 0x0b], // code
]);

describe("nameExports", () => {
  it("gives names that V8 shows", () => {
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(nameExports(module, (name) => `example ${name}`)),
      {},
    );
    let stack = "";
    try {
      (exports.trap as () => void)();
    } catch (error) {
      stack = (error as Error).stack!;
    }
    expect(stack).toContain("example trap");
  });

  it("leaves the module's own bytes as they are", () => {
    const named = nameExports(module, (name) => name);
    expect(named.subarray(0, module.length)).toEqual(module);
    expect(named.length).toBeGreaterThan(module.length);
  });
});
