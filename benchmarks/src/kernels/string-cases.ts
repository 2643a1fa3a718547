import { fillRandom, type KernelCase } from "./kernel-case.ts";

const STRINGS = 20_000;

const plain = (length: number): KernelCase => ({
  name: `plain strings of ${length} bytes`,
  prepare: ({ allocate, kernel }) => {
    const source = allocate(STRINGS * (4 + length));
    const view = new DataView(source.bytes.buffer, source.address, source.bytes.length);
    for (let index = 0; index < STRINGS; index++) view.setUint32(index * (4 + length), length, true);
    const target = allocate(STRINGS * 8).address;
    const run = kernel("plainByteArrays");
    return {
      values: STRINGS,
      byteLength: STRINGS * 8,
      call: () => {
        run(source.address, source.address + source.bytes.length, target, STRINGS);
      },
    };
  },
});

/** One call per string from JavaScript, which takes about 10 ns of itself. */
const hash = (length: number): KernelCase => ({
  name: `string hash, ${length} bytes, called from JavaScript`,
  prepare: ({ allocate, kernel }) => {
    const source = allocate(STRINGS * length);
    fillRandom(source.bytes, length);
    const run = kernel("stringHash");
    const references = Array.from(
      { length: STRINGS },
      (_, index) => (BigInt(length) << 32n) | BigInt(source.address + index * length),
    );
    return {
      values: STRINGS,
      byteLength: STRINGS * length,
      call: () => {
        for (const reference of references) run(reference);
      },
    };
  },
});

export const stringCases: readonly KernelCase[] = [plain(10), plain(100), hash(8), hash(40), hash(200)];
