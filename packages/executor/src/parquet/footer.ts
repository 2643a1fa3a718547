import { QueryError } from "@headcut/plan";
import type { ByteSource } from "../io/byte-source.ts";
import { corruptFile, unsupportedFile } from "./corrupt-file.ts";
import type { FileMetadata } from "./format.ts";
import { readFileMetadata } from "./metadata.ts";
import { CompactReader } from "./thrift.ts";

/** Most footers are smaller than this, so one read gets them whole. */
const FIRST_READ_BYTES = 64 * 1024;
/** Footer length and magic number. */
const TRAILER_BYTES = 8;
const MAGIC = 0x31524150; // PAR1
const MAGIC_ENCRYPTED = 0x45524150; // PARE

const readBytes = async (source: ByteSource, offset: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length);
  await source.readInto(bytes, offset, length);
  return bytes;
};

/** Reads and parses the footer. Throws QueryError "corrupt-file", "unsupported" (encrypted) or "io". */
export const readFooter = async (source: ByteSource): Promise<FileMetadata> => {
  const { path, size } = source;
  if (size < TRAILER_BYTES + 4) throw corruptFile({ path }, `not a Parquet file: only ${size} bytes long`);
  const tail = await readBytes(source, Math.max(0, size - FIRST_READ_BYTES), Math.min(size, FIRST_READ_BYTES));
  const trailer = new DataView(tail.buffer, tail.length - TRAILER_BYTES);
  const magic = trailer.getUint32(4, true);
  if (magic === MAGIC_ENCRYPTED) throw unsupportedFile({ path }, "encrypted Parquet files are not supported");
  if (magic !== MAGIC) throw corruptFile({ path, offset: size - 4 }, "not a Parquet file: it does not end with PAR1");
  const length = trailer.getUint32(0, true);
  if (length > size - TRAILER_BYTES - 4)
    throw corruptFile({ path, offset: size - TRAILER_BYTES }, `footer of ${length} bytes in a file of ${size}`);
  const start = size - TRAILER_BYTES - length;
  const inTail = length + TRAILER_BYTES <= tail.length;
  const bytes = inTail
    ? tail.subarray(tail.length - TRAILER_BYTES - length, tail.length - TRAILER_BYTES)
    : await readBytes(source, start, length);
  return parseFooter(path, bytes, start);
};

const parseFooter = (path: string, bytes: Uint8Array, start: number): FileMetadata => {
  const reader = new CompactReader(bytes, 0, bytes.length, (position, what) => {
    throw corruptFile({ path, offset: start + position }, `footer is malformed: ${what}`);
  });
  try {
    const metadata = readFileMetadata(reader);
    if (metadata.encrypted) throw unsupportedFile({ path }, "encrypted Parquet files are not supported");
    return metadata;
  } catch (error) {
    if (error instanceof QueryError) throw error;
    throw corruptFile({ path, offset: start + reader.position }, "footer is malformed", error);
  }
};
