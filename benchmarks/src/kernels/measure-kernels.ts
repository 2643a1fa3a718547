import { codeCases, unpackCases } from "./decoding-cases.ts";
import { deltaCases } from "./delta-cases.ts";
import type { KernelCase } from "./kernel-case.ts";
import { type KernelMemory, openKernels } from "./kernel-memory.ts";
import { snappyCases } from "./snappy-cases.ts";
import { stringCases } from "./string-cases.ts";

export interface KernelTime {
  readonly name: string;
  readonly nsPerValue: number;
  /** Of copying as many bytes within the same memory. */
  readonly floorNs: number;
}

const SAMPLES = 15;
const SAMPLE_MS = 10;

export const kernelCases: readonly KernelCase[] = [
  ...snappyCases,
  ...unpackCases,
  ...deltaCases,
  ...codeCases,
  ...stringCases,
];

/** Measures case after case, on this thread. */
export function* measureKernels(cases: readonly KernelCase[]): Generator<KernelTime> {
  const memory = openKernels();
  for (const { name, prepare } of cases) {
    memory.reset();
    const { values, byteLength, call } = prepare(memory);
    const ns = nsPerCall(call);
    yield { name, nsPerValue: ns / values, floorNs: nsPerCall(copying(memory, byteLength)) / values };
  }
}

const copying = ({ allocate, kernel }: KernelMemory, byteLength: number): (() => void) => {
  const [source, target] = [allocate(byteLength).address, allocate(byteLength).address];
  const copy = kernel("copyBytes");
  return () => {
    copy(target, source, byteLength);
  };
};

/** The least disturbed of some samples of about 10 ms each; the calls before them let V8 choose its best code. */
const nsPerCall = (call: () => void): number => {
  let calls = 1;
  while (timeCalls(call, calls) < SAMPLE_MS) calls *= 2;
  return (Math.min(...Array.from({ length: SAMPLES }, () => timeCalls(call, calls))) / calls) * 1e6;
};

const timeCalls = (call: () => void, calls: number): number => {
  const start = performance.now();
  for (let index = 0; index < calls; index++) call();
  return performance.now() - start;
};
