import type * as arrow from "apache-arrow";
import { arrowTypeId } from "./arrow-type.ts";
import { type ColumnImport, rawBytes, stageValues } from "./column-import.ts";

/** Strings or bytes in any of Arrow's layouts. Only the bytes that the rows use are copied. */
export const importStrings = (to: ColumnImport, data: arrow.Data): void => {
  const { values, count, keep } = to;
  const { memory, kernels } = to.heap;
  switch (data.type.typeId as number) {
    case arrowTypeId.fixedSizeBinary: {
      const width = (data.type as arrow.FixedSizeBinary).byteWidth;
      const bytes = keep.allocate(count * width);
      memory.bytes.set(rawBytes(to, data, width), bytes);
      kernels.fixedBytesFromArrow(width, count, bytes, values);
      return;
    }
    case arrowTypeId.utf8View:
    case arrowTypeId.binaryView:
      importViews(to, data);
      return;
    default:
      importOffsets(to, data);
  }
};

/** Offsets of 32 or 64 bits into one buffer. */
const importOffsets = ({ heap, values, first, count, keep, staging }: ColumnImport, data: arrow.Data): void => {
  const { memory, kernels } = heap;
  const all = data.valueOffsets as Int32Array | BigInt64Array;
  const offsets = all.subarray(first, first + count + 1);
  const [start, end] = [Number(offsets[0] ?? 0), Number(offsets[count] ?? 0)];
  const bytes = keep.allocate(end - start);
  memory.bytes.set((data.values as Uint8Array).subarray(start, end), bytes);
  let staged = staging.allocate(offsets.byteLength);
  memory.bytes.set(new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength), staged);
  if (offsets instanceof BigInt64Array) {
    // The low 32 bits do: the kernel takes differences, modulo 2^32.
    const narrow = staging.allocate(4 * (count + 1));
    kernels.narrowInt64(staged, count + 1, narrow);
    staged = narrow;
  }
  kernels.stringsFromArrow(staged, count, bytes - start, values);
};

const importViews = (to: ColumnImport, data: arrow.Data): void => {
  const { values, valid, count, staging } = to;
  const { memory, kernels } = to.heap;
  const views = stageValues(to, data, 16);
  const buffers = staging.allocate(4 * data.variadicBuffers.length);
  data.variadicBuffers.forEach((buffer, i) => {
    const address = staging.allocate(buffer.length);
    memory.bytes.set(buffer, address);
    memory.u32[(buffers >>> 2) + i] = address;
  });
  kernels.stringsFromViews(views, valid, count, buffers, values);
  compactStrings(to);
};

/** Moves the bytes of strings that lie in staging memory to where they are kept. */
export const compactStrings = ({ heap, values, valid, count, keep, staging }: ColumnImport): void => {
  const { kernels } = heap;
  const bytes = keep.allocate(kernels.stringBytes(values, valid, count));
  const offsets = staging.allocate(4 * (count + 1));
  kernels.stringsToArrow(values, valid, count, offsets, bytes);
  kernels.stringsFromArrow(offsets, count, bytes, values);
};
