import { describe, expect, it } from "vitest";
import { type KernelName, kernelSignatures } from "../../src/expressions/kernel-signatures.ts";
import { Machine } from "./machine.ts";

describe("kernelSignatures", () => {
  it("are the kernels' own: a module that imports all of them links", () => {
    const machine = new Machine();
    const names = Object.keys(kernelSignatures) as KernelName[];
    for (const name of names) expect(machine.kernels).toHaveProperty(name);
    const load = () =>
      machine.load((module) => {
        const fn = module.builder.exportFunction("f", [], []);
        for (const name of names) module.kernel(name);
        fn.op("nop");
      });
    expect(load).not.toThrow();
  });
});
