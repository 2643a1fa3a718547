// Zstandard (RFC 8878), whole frames without dictionaries. Checksums are not checked: neither are those of Parquet pages.
import { BAD_HEADER, fail, OUT_OF_BOUNDS, TRUNCATED, WRONG_LENGTH } from "./failure";
import {
  buildSingle,
  buildTable,
  FSE_SCRATCH_BYTES,
  fseLog,
  readCounts,
  setCounts,
  streamBits,
} from "./fse";
import { HUFFMAN_SCRATCH_BYTES, HUFFMAN_TABLE_BYTES, huffmanBits, huffmanStream, readHuffmanTree } from "./huffman";
import { copyLiteral, copyMatch } from "./copies";

const MAX_BLOCK: u32 = 131072;
const PADDING: usize = 128;

// The workspace, which the host provides: one thread's at a time.
const LITERALS: usize = 0;
const HUFFMAN: usize = LITERALS + MAX_BLOCK + PADDING;
const LENGTHS_TABLE: usize = HUFFMAN + HUFFMAN_TABLE_BYTES;
const OFFSETS_TABLE: usize = LENGTHS_TABLE + 512 * 8;
const MATCHES_TABLE: usize = OFFSETS_TABLE + 256 * 8;
const SCRATCH: usize = MATCHES_TABLE + 512 * 8;
const WORKSPACE_BYTES: usize = SCRATCH + max<usize>(FSE_SCRATCH_BYTES, HUFFMAN_SCRATCH_BYTES);

/** What `zstdDecompress` needs at `workspace`. */
export function zstdWorkspaceBytes(): u32 {
  return WORKSPACE_BYTES as u32;
}

/** Value and extra bits of each code (RFC 8878, section 3.1.1.3.2.1.1). */
const LENGTH_VALUES = memory.data<u32>([
  0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 10, 0, 11, 0, 12, 0, 13, 0, 14, 0, 15, 0,
  16, 1, 18, 1, 20, 1, 22, 1, 24, 2, 28, 2, 32, 3, 40, 3, 48, 4, 64, 6, 128, 7, 256, 8, 512, 9, 1024, 10,
  2048, 11, 4096, 12, 8192, 13, 16384, 14, 32768, 15, 65536, 16,
]);
const MATCH_VALUES = memory.data<u32>([
  3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 10, 0, 11, 0, 12, 0, 13, 0, 14, 0, 15, 0, 16, 0, 17, 0, 18, 0,
  19, 0, 20, 0, 21, 0, 22, 0, 23, 0, 24, 0, 25, 0, 26, 0, 27, 0, 28, 0, 29, 0, 30, 0, 31, 0, 32, 0, 33, 0, 34, 0,
  35, 1, 37, 1, 39, 1, 41, 1, 43, 2, 47, 2, 51, 3, 59, 3, 67, 4, 83, 4, 99, 5, 131, 7, 259, 8, 515, 9, 1027, 10,
  2051, 11, 4099, 12, 8195, 13, 16387, 14, 32771, 15, 65539, 16,
]);
const OFFSET_VALUES = memory.data<u32>([
  1, 0, 2, 1, 4, 2, 8, 3, 16, 4, 32, 5, 64, 6, 128, 7, 256, 8, 512, 9, 1024, 10, 2048, 11, 4096, 12, 8192, 13,
  16384, 14, 32768, 15, 65536, 16, 131072, 17, 262144, 18, 524288, 19, 1048576, 20, 2097152, 21, 4194304, 22,
  8388608, 23, 16777216, 24, 33554432, 25, 67108864, 26, 134217728, 27, 268435456, 28, 536870912, 29, 1073741824, 30,
  2147483648, 31,
]);

/** Counts of the predefined tables (appendix A). */
const LENGTH_COUNTS = memory.data<i8>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
const MATCH_COUNTS = memory.data<i8>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
const OFFSET_COUNTS = memory.data<i8>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
]);

// What one block leaves to the next. NONE: there is no such table yet.
const NONE: u32 = 0xff;
let treeBits: u32 = NONE;
let lengthsLog: u32 = NONE;
let offsetsLog: u32 = NONE;
let matchesLog: u32 = NONE;
let repeat1: u32 = 0;
let repeat2: u32 = 0;
let repeat3: u32 = 0;

// The literals of the current block.
let literals: usize = 0;
let literalsEnd: usize = 0;

/** Decompresses exactly `targetLength` bytes. 0, or a failure. */
export function zstdDecompress(
  source: usize,
  sourceLength: u32,
  target: usize,
  targetLength: u32,
  workspace: usize,
): i32 {
  const end = source + sourceLength;
  const targetEnd = target + targetLength;
  let input = source;
  let output = target;
  while (input < end) {
    if (end - input < 4) return fail(TRUNCATED, input);
    const magic = load<u32>(input);
    input += 4;
    if ((magic & 0xfffffff0) == 0x184d2a50) {
      if (end - input < 4) return fail(TRUNCATED, input);
      const skipped = load<u32>(input);
      input += 4;
      if (skipped > ((end - input) as u32)) return fail(TRUNCATED, input);
      input += skipped;
      continue;
    }
    if (magic != 0xfd2fb528 || input >= end) return fail(BAD_HEADER, input);
    const descriptor: u32 = load<u8>(input++);
    const isSingle = (descriptor >> 5) & 1;
    const sizeFlag = descriptor >> 6;
    // A dictionary, or bits that are reserved.
    if ((descriptor & 0x0b) != 0) return fail(BAD_HEADER, input);
    const sizeBytes: u32 = sizeFlag == 0 ? isSingle : 1 << sizeFlag;
    const headerBytes: u32 = 1 - isSingle + sizeBytes;
    if (headerBytes > ((end - input) as u32)) return fail(TRUNCATED, input);
    input += headerBytes;

    treeBits = NONE;
    lengthsLog = NONE;
    offsetsLog = NONE;
    matchesLog = NONE;
    repeat1 = 1;
    repeat2 = 4;
    repeat3 = 8;
    let isLast: u32 = 0;
    while (isLast == 0) {
      if (end - input < 3) return fail(TRUNCATED, input);
      const header: u32 = (load<u16>(input) as u32) | ((load<u8>(input, 2) as u32) << 16);
      input += 3;
      isLast = header & 1;
      const kind = (header >> 1) & 3;
      const size = header >> 3;
      if (kind == 1) {
        if (input >= end) return fail(TRUNCATED, input);
        if (size > ((targetEnd - output) as u32)) return fail(WRONG_LENGTH, input);
        memory.fill(output, load<u8>(input++), size);
        output += size;
        continue;
      }
      if (size > ((end - input) as u32)) return fail(TRUNCATED, input);
      if (kind == 0) {
        if (size > ((targetEnd - output) as u32)) return fail(WRONG_LENGTH, input);
        memory.copy(output, input, size);
        output += size;
      } else {
        if (kind != 2 || size > MAX_BLOCK) return fail(BAD_HEADER, input);
        output = decompressBlock(input, input + size, target, output, targetEnd, workspace);
        if (output == 0) return BAD_HEADER;
      }
      input += size;
    }
    // The checksum of the content.
    if (descriptor & 4) {
      if (end - input < 4) return fail(TRUNCATED, input);
      input += 4;
    }
  }
  return output == targetEnd ? 0 : fail(WRONG_LENGTH, input);
}

@inline
function refuse(code: i32, at: usize): usize {
  fail(code, at);
  return 0;
}

/** The output's position after the block; 0 if it is malformed (`fail` was called). */
function decompressBlock(
  input: usize,
  end: usize,
  target: usize,
  output: usize,
  targetEnd: usize,
  workspace: usize,
): usize {
  let at = readLiterals(input, end, workspace);
  if (at == 0) return 0;
  if (at >= end) return refuse(TRUNCATED, at);
  let sequences: u32 = load<u8>(at++);
  if (sequences >= 128) {
    const more: usize = sequences == 255 ? 2 : 1;
    if (more > end - at) return refuse(TRUNCATED, at);
    if (sequences == 255) sequences = (load<u16>(at) as u32) + 0x7f00;
    else sequences = ((sequences - 128) << 8) + load<u8>(at);
    at += more;
  }
  if (sequences != 0) {
    if (at >= end) return refuse(TRUNCATED, at);
    const modes: u32 = load<u8>(at++);
    if (modes & 3) return refuse(BAD_HEADER, at);
    const scratch = workspace + SCRATCH;
    at = readTable(at, end, modes >> 6, scratch, workspace + LENGTHS_TABLE, LENGTH_VALUES, LENGTH_COUNTS, 36, 6, 9, lengthsLog);
    if (at == 0) return 0;
    lengthsLog = tableLog;
    at = readTable(at, end, (modes >> 4) & 3, scratch, workspace + OFFSETS_TABLE, OFFSET_VALUES, OFFSET_COUNTS, 29, 5, 8, offsetsLog);
    if (at == 0) return 0;
    offsetsLog = tableLog;
    at = readTable(at, end, (modes >> 2) & 3, scratch, workspace + MATCHES_TABLE, MATCH_VALUES, MATCH_COUNTS, 53, 6, 9, matchesLog);
    if (at == 0) return 0;
    matchesLog = tableLog;
    output = runSequences(at, end, sequences, target, output, targetEnd, workspace);
    if (output == 0) return 0;
  }
  const rest = literalsEnd - literals;
  if (rest > targetEnd - output) return refuse(WRONG_LENGTH, input);
  memory.copy(output, literals, rest);
  return output + rest;
}

let tableLog: u32 = 0;

/** Reads or keeps one of the three sequence tables; `tableLog` is its log2 size. The position behind; 0: malformed. */
function readTable(
  input: usize,
  end: usize,
  mode: u32,
  scratch: usize,
  table: usize,
  values: usize,
  counts: usize,
  predefinedSymbols: u32,
  predefinedLog: u32,
  maxLog: u32,
  lastLog: u32,
): usize {
  const maxSymbol: u32 = values == OFFSET_VALUES ? 31 : predefinedSymbols - 1;
  if (mode == 0) {
    setCounts(scratch, counts, predefinedSymbols, predefinedLog);
    tableLog = predefinedLog;
    return buildTable(scratch, table, values) < 0 ? 0 : input;
  }
  if (mode == 1) {
    if (input >= end) return refuse(TRUNCATED, input);
    const symbol: u32 = load<u8>(input);
    if (symbol > maxSymbol) return refuse(BAD_HEADER, input);
    buildSingle(table, symbol, values);
    tableLog = 0;
    return input + 1;
  }
  if (mode == 2) {
    const next = readCounts(scratch, input, end, maxLog, maxSymbol);
    if (next == 0) return 0;
    tableLog = fseLog;
    return buildTable(scratch, table, values) < 0 ? 0 : next;
  }
  if (lastLog == NONE) return refuse(BAD_HEADER, input);
  tableLog = lastLog;
  return input;
}

/** Makes `literals` … `literalsEnd` the block's literals. The position behind their section; 0: malformed. */
function readLiterals(input: usize, end: usize, workspace: usize): usize {
  if (input >= end) return refuse(TRUNCATED, input);
  const first: u32 = load<u8>(input);
  const kind = first & 3;
  const format = (first >> 2) & 3;
  const buffer = workspace + LITERALS;
  if (kind < 2) {
    const headerBytes: usize = format == 1 ? 2 : format == 3 ? 3 : 1;
    if (headerBytes > end - input) return refuse(TRUNCATED, input);
    const word = load<u32>(input);
    const size: u32 = headerBytes == 1 ? first >> 3 : headerBytes == 2 ? (word & 0xffff) >> 4 : (word & 0xffffff) >> 4;
    input += headerBytes;
    if (kind == 0) {
      if (size > ((end - input) as u32)) return refuse(TRUNCATED, input);
      literals = input;
      literalsEnd = input + size;
      return literalsEnd;
    }
    if (input >= end) return refuse(TRUNCATED, input);
    if (size > MAX_BLOCK) return refuse(BAD_HEADER, input);
    memory.fill(buffer, load<u8>(input), size);
    literals = buffer;
    literalsEnd = buffer + size;
    return input + 1;
  }

  const headerBytes: usize = format == 2 ? 4 : format == 3 ? 5 : 3;
  if (headerBytes > end - input) return refuse(TRUNCATED, input);
  const word = load<u64>(input) >> 4;
  const sizeBits: u64 = format == 2 ? 14 : format == 3 ? 18 : 10;
  const mask: u64 = ((1 as u64) << sizeBits) - 1;
  const size = (word & mask) as u32;
  const compressed = ((word >> sizeBits) & mask) as u32;
  input += headerBytes;
  if (size > MAX_BLOCK) return refuse(BAD_HEADER, input);
  if (compressed > ((end - input) as u32)) return refuse(TRUNCATED, input);
  const next = input + compressed;
  if (kind == 2) {
    input = readHuffmanTree(workspace + SCRATCH, workspace + HUFFMAN, input, next);
    if (input == 0) return 0;
    treeBits = huffmanBits;
  } else if (treeBits == NONE) return refuse(BAD_HEADER, input);
  if (readStreams(input, next, format == 0, size, workspace) < 0) return 0;
  literals = buffer;
  literalsEnd = buffer + size;
  return next;
}

/** One Huffman stream, or four behind a table of the lengths of the first three. 0, or a failure. */
function readStreams(input: usize, end: usize, isSingle: bool, size: u32, workspace: usize): i32 {
  const table = workspace + HUFFMAN;
  let target = workspace + LITERALS;
  if (isSingle) return huffmanStream(input, (end - input) as u32, table, treeBits, target, size);
  if (end - input < 6) return fail(TRUNCATED, input);
  const part = (size + 3) >> 2;
  if (part * 3 > size) return fail(BAD_HEADER, input);
  let stream = input + 6;
  for (let i: u32 = 0; i < 4; i++) {
    const rest = (end - stream) as u32;
    const bytes: u32 = i == 3 ? rest : load<u16>(input + (i << 1));
    if (bytes > rest) return fail(TRUNCATED, stream);
    const status = huffmanStream(stream, bytes, table, treeBits, target, i == 3 ? size - part * 3 : part);
    if (status < 0) return status;
    stream += bytes;
    target += part;
  }
  return 0;
}

/** Up to 56 bits that end at `position`; when they begin before the stream, the caller notices by the position. */
@inline
function bitsAt(base: usize, start: i32, bits: u32): u32 {
  return ((load<u64>(base + (start >> 3)) >> ((start & 7) as u64)) & (((1 as u64) << (bits as u64)) - 1)) as u32;
}

/** Copies literals and matches as `count` sequences say. The output's position; 0: malformed. */
function runSequences(
  input: usize,
  end: usize,
  count: u32,
  target: usize,
  output: usize,
  targetEnd: usize,
  workspace: usize,
): usize {
  let position = streamBits(input, (end - input) as u32);
  if (position < ((lengthsLog + offsetsLog + matchesLog) as i32)) return refuse(TRUNCATED, input);
  position -= lengthsLog;
  let lengthState = bitsAt(input, position, lengthsLog);
  position -= offsetsLog;
  let offsetState = bitsAt(input, position, offsetsLog);
  position -= matchesLog;
  let matchState = bitsAt(input, position, matchesLog);
  const lengthsTable = workspace + LENGTHS_TABLE;
  const offsetsTable = workspace + OFFSETS_TABLE;
  const matchesTable = workspace + MATCHES_TABLE;
  let literal = literals;
  const literalEnd = literalsEnd;
  let last1 = repeat1;
  let last2 = repeat2;
  let last3 = repeat3;

  for (;;) {
    const lengthEntry = load<u64>(lengthsTable + (lengthState << 3));
    const offsetEntry = load<u64>(offsetsTable + (offsetState << 3));
    const matchEntry = load<u64>(matchesTable + (matchState << 3));
    let bits = ((offsetEntry >> 24) & 0xff) as u32;
    position -= bits;
    const offsetValue = ((offsetEntry >> 32) as u32) + bitsAt(input, position, bits);
    bits = ((matchEntry >> 24) & 0xff) as u32;
    position -= bits;
    const matchLength = ((matchEntry >> 32) as u32) + bitsAt(input, position, bits);
    bits = ((lengthEntry >> 24) & 0xff) as u32;
    position -= bits;
    const literalLength = ((lengthEntry >> 32) as u32) + bitsAt(input, position, bits);
    if (position < 0) return refuse(TRUNCATED, input);

    let distance: u32;
    if (offsetValue > 3) {
      distance = offsetValue - 3;
      last3 = last2;
      last2 = last1;
      last1 = distance;
    } else {
      const which = literalLength == 0 ? offsetValue + 1 : offsetValue;
      if (which == 1) distance = last1;
      else {
        distance = which == 2 ? last2 : which == 3 ? last3 : last1 - 1;
        if (which != 2) last3 = last2;
        last2 = last1;
        last1 = distance;
      }
    }

    if (literalLength > ((literalEnd - literal) as u32)) return refuse(TRUNCATED, input);
    if (literalLength > ((targetEnd - output) as u32)) return refuse(WRONG_LENGTH, input);
    copyLiteral(output, literal, literalLength);
    literal += literalLength;
    output += literalLength;
    // 0 wraps around and is too large as well.
    if (distance - 1 >= ((output - target) as u32)) return refuse(OUT_OF_BOUNDS, input);
    if (matchLength > ((targetEnd - output) as u32)) return refuse(WRONG_LENGTH, input);
    copyMatch(output, distance, matchLength);
    output += matchLength;

    if (--count == 0) break;
    bits = ((lengthEntry >> 16) & 0xff) as u32;
    position -= bits;
    lengthState = ((lengthEntry & 0xffff) as u32) + bitsAt(input, position, bits);
    bits = ((matchEntry >> 16) & 0xff) as u32;
    position -= bits;
    matchState = ((matchEntry & 0xffff) as u32) + bitsAt(input, position, bits);
    bits = ((offsetEntry >> 16) & 0xff) as u32;
    position -= bits;
    offsetState = ((offsetEntry & 0xffff) as u32) + bitsAt(input, position, bits);
    if (position < 0) return refuse(TRUNCATED, input);
  }
  if (position != 0) return refuse(WRONG_LENGTH, input);
  literals = literal;
  repeat1 = last1;
  repeat2 = last2;
  repeat3 = last3;
  return output;
}
