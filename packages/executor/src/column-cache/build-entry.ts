import { QueryError } from "@headcut/plan";
import { BATCH_ROWS } from "../layout/batch.ts";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { ChunkDecoder } from "../parquet/column-source.ts";
import type { Dictionary } from "../parquet/dictionary.ts";
import type { ParquetKernels } from "../parquet/kernels.ts";
import { PADDING_BYTES } from "../parquet/slab-pool.ts";
import type { CacheKernels } from "./cache-access.ts";
import type { ColumnEntry } from "./column-entry.ts";
import type { CacheTicket } from "./slot.ts";

export interface ChunkToBuild {
  readonly source: ChunkDecoder;
  /** Puts the source before the chunk's first row, wherever it is. */
  readonly rewind: () => void;
  readonly rowCount: number;
  /** What all its pages take decompressed. */
  readonly uncompressedLength: number;
  readonly ticket: CacheTicket;
}

/** The upper half of the ids is the cache's: a chunk's dictionary is the same however often it is decoded. */
const dictionaryId = ({ key }: CacheTicket): number => (0x80000000 | key) >>> 0;

interface Environment {
  readonly memory: SharedMemory;
  readonly kernels: ParquetKernels & CacheKernels;
}

/** How a chunk's rows are kept. */
type Form =
  | { readonly kind: "codes"; readonly width: 1 | 2 | 4; readonly dictionary: Dictionary }
  /** 64-bit integers in 32 bits. */
  | { readonly kind: "packed" }
  | { readonly kind: "values" }
  /** `room`: for their bytes. */
  | { readonly kind: "strings"; readonly room: number };

/** Strings that share prefixes in the file take more than its pages say; but not everything is worth keeping. */
const MAX_STRING_GROWTH = 16;

/**
 * Decodes a whole chunk into memory of the cache; undefined if it has no room, or the chunk cannot be read: then the query reads what
 * it needs of it, and fails or not. The source is behind some row afterwards.
 */
export const buildEntry = (chunk: ChunkToBuild, environment: Environment): ColumnEntry | undefined => {
  try {
    let form: Form | undefined = firstForm(chunk);
    while (form !== undefined) {
      const built = tryForm(chunk, form, environment);
      if (built !== "does not fit") return built;
      form = nextForm(chunk, form);
    }
    return undefined;
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
};

const firstForm = (chunk: ChunkToBuild): Form => {
  chunk.rewind();
  const dictionary = chunk.source.peekDictionary();
  if (dictionary === undefined) return formOfValues(chunk);
  const { count } = dictionary;
  return { kind: "codes", width: count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4, dictionary };
};

const formOfValues = ({ source, uncompressedLength }: ChunkToBuild): Form => {
  const storage = storageOf(source.column.type);
  if (storage === "string") return { kind: "strings", room: uncompressedLength };
  return storage === "int64" ? { kind: "packed" } : { kind: "values" };
};

const nextForm = (chunk: ChunkToBuild, form: Form): Form | undefined => {
  switch (form.kind) {
    case "codes":
      return formOfValues(chunk);
    case "packed":
      return { kind: "values" };
    case "strings": {
      const room = form.room * 4;
      return room > chunk.uncompressedLength * MAX_STRING_GROWTH ? undefined : { kind: "strings", room };
    }
    case "values":
      return undefined;
  }
};

/** Where the parts of an entry lie in its slab; each has padding behind. */
const layOut = (chunk: ChunkToBuild, form: Form, { kernels }: Environment) => {
  const { source, rowCount } = chunk;
  const storage = storageOf(source.column.type);
  const { bytes } = storageLayout[storage];
  let size = 0;
  const place = (length: number): number => {
    const offset = size;
    size += (length + PADDING_BYTES + 15) & ~15;
    return offset;
  };
  const valid = source.column.optional ? place(rowCount) : undefined;
  const width = form.kind === "codes" ? form.width : form.kind === "packed" ? 4 : bytes;
  const rows = place(rowCount * width);
  const dictionary = form.kind === "codes" ? place(Math.max(1, form.dictionary.count) * bytes) : 0;
  const strings = size;
  if (form.kind === "strings") place(form.room);
  else if (form.kind === "codes" && storage === "string")
    place(kernels.stringBytes(form.dictionary.address, 0, form.dictionary.count));
  return { valid, width, rows, dictionary, strings, size };
};

const tryForm = (
  chunk: ChunkToBuild,
  form: Form,
  environment: Environment,
): ColumnEntry | "does not fit" | undefined => {
  const { memory, kernels } = environment;
  const { source, rowCount } = chunk;
  const { valid, width, rows, dictionary, strings, size } = layOut(chunk, form, environment);
  if (size > 2 ** 31) return undefined;
  const slab = kernels.cacheAllocate(size, chunk.ticket.uses) >>> 0;
  if (slab === 0) return undefined;
  let used: number | undefined;
  try {
    let stringEnd = slab + strings;
    const limit = slab + size - PADDING_BYTES;
    let hasNulls = false;
    if (valid !== undefined) memory.bytes.fill(1, slab + valid, slab + valid + rowCount);
    // The dictionary is the source's until it is rewound.
    const kept = form.kind === "codes" ? form.dictionary : undefined;
    if (kept !== undefined) {
      const target = slab + dictionary;
      const { bytes } = storageLayout[storageOf(source.column.type)];
      if (storageOf(source.column.type) !== "string")
        memory.bytes.copyWithin(target, kept.address, kept.address + Math.max(1, kept.count) * bytes);
      else {
        memory.bytes.fill(0, target, target + bytes);
        stringEnd = kernels.packStrings(kept.address, 0, kept.count, target, stringEnd, limit) >>> 0;
      }
    } else chunk.rewind();

    for (let row = 0; row < rowCount; row += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, rowCount - row);
      source.beginBatch();
      source.read(0, count);
      const target = slab + rows + row * width;
      if (source.validAddress !== 0 && valid !== undefined) {
        hasNulls = true;
        memory.bytes.copyWithin(slab + valid + row, source.validAddress, source.validAddress + count);
      }
      if (form.kind === "codes") {
        if (source.codes === undefined) return "does not fit";
        const from = source.packedCodes;
        if (width === 1) kernels.packCodes1(from, count, target);
        else if (width === 2) kernels.packCodes2(from, count, target);
        else memory.bytes.copyWithin(target, from, from + count * 4);
        continue;
      }
      source.settleValues();
      const from = source.valuesAddress;
      if (form.kind === "packed") {
        if (kernels.packInt64(from, count, target) === 0) return "does not fit";
      } else if (form.kind === "strings") {
        stringEnd = kernels.packStrings(from, source.validAddress, count, target, stringEnd, limit) >>> 0;
        if (stringEnd === 0) return "does not fit";
      } else memory.bytes.copyWithin(target, from, from + count * width);
    }

    used = stringEnd - slab + PADDING_BYTES;
    const isCodes = kept !== undefined;
    return {
      slab,
      bytes: kernels.cacheTrim(slab, Math.min(used, size)) >>> 0,
      values: isCodes ? 0 : slab + rows,
      valuesWidth: isCodes ? 0 : width,
      valid: hasNulls && valid !== undefined ? slab + valid : 0,
      codes: isCodes ? slab + rows : 0,
      codesWidth: isCodes ? width : 0,
      dictionary: isCodes
        ? { address: slab + dictionary, count: kept.count, id: dictionaryId(chunk.ticket) }
        : undefined,
    };
  } finally {
    if (used === undefined) kernels.cacheFree(slab, kernels.slabBytes(size) >>> 0);
  }
};
