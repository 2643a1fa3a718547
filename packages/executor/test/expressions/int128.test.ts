import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multiplyWide } from "../../src/expressions/int128.ts";
import { Machine } from "./machine.ts";

const machine = new Machine();
const kernel = (name: string) => machine.kernels[name] as unknown as (...args: (bigint | number)[]) => bigint;

const low = (value: bigint): bigint => BigInt.asIntN(64, value);
const high = (value: bigint): bigint => BigInt.asIntN(64, value >> 64n);
const join = (lowWord: bigint, highWord: bigint): bigint => (highWord << 64n) | BigInt.asUintN(64, lowWord);

/** Calls a kernel on int128 operands. */
const call = (name: string, ...operands: bigint[]): bigint => {
  const lowWord = kernel(name)(...operands.flatMap((operand) => [low(operand), high(operand)]));
  return join(lowWord, kernel("highWord")());
};

const LIMIT = 10n ** 38n - 1n;
/** Of any magnitude, near powers of two and ten. */
const decimal = fc.oneof(
  fc.bigInt({ min: -LIMIT, max: LIMIT }),
  fc
    .tuple(fc.integer({ min: 0, max: 126 }), fc.bigInt({ min: -3n, max: 3n }), fc.boolean())
    .map(([bits, near, negative]) => (negative ? -1n : 1n) * (2n ** BigInt(bits) + near))
    .filter((value) => value <= LIMIT && value >= -LIMIT),
  fc
    .tuple(fc.integer({ min: 0, max: 37 }), fc.bigInt({ min: -3n, max: 3n }))
    .map(([digits, near]) => 10n ** BigInt(digits) + near),
);
const runs = { numRuns: 20_000 };

describe("int128 kernels agree with BigInt", () => {
  it("multiply", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const product = call("decimalMultiply", a, b);
        const exact = a * b;
        if (exact < 2n ** 127n && exact > -(2n ** 127n)) expect(product).toBe(exact);
        else expect(high(product)).toBe(-(2n ** 63n));
      }),
      runs,
    );
  });
  it("divide and take remainders towards zero", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        fc.pre(b !== 0n);
        expect(call("decimalDivide", a, b)).toBe(a / b);
        expect(call("decimalRemainder", a, b)).toBe(a % b);
      }),
      runs,
    );
  });
  it("divide with rounding half away from zero, down and up", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, divisor) => {
        const b = divisor < 0n ? -divisor : divisor;
        fc.pre(b !== 0n && b < 2n ** 126n);
        const magnitude = a < 0n ? -a : a;
        const rounded = (2n * magnitude + b) / (2n * b);
        expect(call("decimalDivideRounded", a, b)).toBe(a < 0n ? -rounded : rounded);
        const floor = a >= 0n ? a / b : -((magnitude + b - 1n) / b);
        const words = [low(a), high(a), low(b), high(b)];
        expect(join(kernel("decimalDivideFloor")(...words, 0), kernel("highWord")())).toBe(floor);
        const ceiling = floor * b === a ? floor : floor + 1n;
        expect(join(kernel("decimalDivideFloor")(...words, 1), kernel("highWord")())).toBe(ceiling);
      }),
      runs,
    );
  });
  it("multiply two words exactly in generated code", () => {
    const { exports } = machine.load((module) => {
      const fn = module.builder.exportFunction("multiply", ["i64", "i64"], ["i64", "i64"]);
      for (const param of fn.params) fn.get(param);
      fn.call(multiplyWide(module));
    });
    const multiply = exports.multiply as unknown as (a: bigint, b: bigint) => [bigint, bigint];
    const word = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, 1n, 2n ** 32n, -(2n ** 32n), 2n ** 31n),
    );
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(join(...multiply(a, b))).toBe(a * b);
      }),
      runs,
    );
  });
});
