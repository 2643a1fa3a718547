import { fillRandom, type KernelCase, randomNumbers } from "./kernel-case.ts";
import type { KernelMemory } from "./kernel-memory.ts";

const VALUES = 65_536;
const STATE_BYTES = 32;
const WIDTHS = Array.from({ length: 32 }, (_, index) => index + 1);

/** One bit-packed run as Parquet's hybrid has it: a header, LEB128 of twice the groups of 8 plus one, then the bits. */
export const unpackCases: readonly KernelCase[] = WIDTHS.map((width) => ({
  name: `unpack, ${width} bits`,
  prepare: ({ kernel, allocate }) => {
    const header = [...leb128(((VALUES / 8) << 1) | 1)];
    const source = allocate(header.length + (VALUES / 8) * width);
    fillRandom(source.bytes, width);
    source.bytes.set(header);
    const state = allocate(STATE_BYTES).address;
    const target = allocate(VALUES * 4).address;
    const [start, read] = [kernel("hybridStart"), kernel("hybridRead")];
    return {
      values: VALUES,
      byteLength: VALUES * 4,
      call: () => {
        start(state, source.address, source.address + source.bytes.length, width);
        if (read(state, target, VALUES) !== 0) throw new Error(`unpacking ${width} bits failed`);
      },
    };
  },
}));

function* leb128(value: number): Generator<number> {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) yield (rest & 0x7f) | 0x80;
  yield rest;
}

/** Codes below `limit`, as unpacking leaves them. */
const codes = ({ allocate }: KernelMemory, limit: number): number => {
  const { address, bytes } = allocate(VALUES * 4);
  const next = randomNumbers(limit);
  const view = new Uint32Array(bytes.buffer, address, VALUES);
  for (let index = 0; index < VALUES; index++) view[index] = next() % limit;
  return address;
};

/** Every n-th row. */
const selection = ({ allocate }: KernelMemory, step: number): { readonly address: number; readonly count: number } => {
  const count = Math.floor(VALUES / step);
  const { address, bytes } = allocate(count * 4);
  const view = new Uint32Array(bytes.buffer, address, count);
  for (let index = 0; index < count; index++) view[index] = index * step;
  return { address, count };
};

const gather = (bytes: number, entries: number): KernelCase => ({
  name: `gather${bytes}, ${entries} entries`,
  prepare: (memory) => {
    const dictionary = memory.allocate(entries * bytes).address;
    const source = codes(memory, entries);
    const target = memory.allocate(VALUES * bytes).address;
    const run = memory.kernel(`gather${bytes}`);
    return {
      values: VALUES,
      byteLength: VALUES * bytes,
      call: () => {
        run(source, dictionary, target, 0, VALUES);
      },
    };
  },
});

const gatherSelected = (step: number): KernelCase => ({
  name: `gather8, 1 of ${step} rows`,
  prepare: (memory) => {
    const dictionary = memory.allocate(1000 * 8).address;
    const source = codes(memory, 1000);
    const target = memory.allocate(VALUES * 8).address;
    const { address, count } = selection(memory, step);
    const run = memory.kernel("gather8");
    return {
      values: count,
      byteLength: count * 8,
      call: () => {
        run(source, dictionary, target, address, count);
      },
    };
  },
});

const select = (percent: number): KernelCase => ({
  name: `select by codes, ${percent} % pass`,
  prepare: (memory) => {
    const source = codes(memory, 100);
    const passes = memory.allocate(100);
    passes.bytes.fill(1, 0, percent);
    const target = memory.allocate(VALUES * 4).address;
    const run = memory.kernel("selectByCodes");
    return {
      values: VALUES,
      byteLength: VALUES * 4,
      call: () => {
        run(source, 0, passes.address, 0, 0, VALUES, target);
      },
    };
  },
});

const check: KernelCase = {
  name: "check codes",
  prepare: (memory) => {
    const source = codes(memory, 100);
    const run = memory.kernel("checkCodes");
    return {
      values: VALUES,
      byteLength: VALUES * 4,
      call: () => {
        run(source, VALUES, 100);
      },
    };
  },
};

const spread: KernelCase = {
  name: "spread8, half are NULL",
  prepare: ({ allocate, kernel }) => {
    const source = allocate(VALUES * 8).address;
    const valid = allocate(VALUES);
    const next = randomNumbers(7);
    for (let index = 0; index < VALUES; index++) valid.bytes[index] = next() >>> 31;
    const target = allocate(VALUES * 8).address;
    const run = kernel("spread8");
    return {
      values: VALUES,
      byteLength: VALUES * 8,
      call: () => {
        run(source, valid.address, target, VALUES);
      },
    };
  },
};

export const codeCases: readonly KernelCase[] = [
  gather(4, 100),
  gather(8, 100),
  gather(8, 50_000),
  gather(16, 100),
  gatherSelected(10),
  select(1),
  select(50),
  select(99),
  check,
  spread,
];
