import type { Piece } from "../byte-source.ts";
import type { ByteRange } from "./object-client.ts";

/** Pieces closer than this are fetched with what lies between: a request costs about as much time as so many bytes. */
export const MAX_GAP_BYTES = 1 << 20;
/** What one request fetches at most; more is fetched in parallel. */
export const MAX_REQUEST_BYTES = 8 << 20;

/** Which bytes to ask for, ascending, so that every piece is covered: near ones joined, long ones split evenly. */
export const planRequests = (
  pieces: readonly ByteRange[],
  maxGap = MAX_GAP_BYTES,
  maxRequest = MAX_REQUEST_BYTES,
): readonly ByteRange[] => {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of [...pieces].sort((a, b) => a.start - b.start)) {
    if (start === end) continue;
    const last = joined.at(-1);
    // A gap is worth a request less, but not if the pieces would have to be split again.
    const joins =
      last !== undefined && (start <= last.end || (start - last.end <= maxGap && end - last.start <= maxRequest));
    if (joins) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined.flatMap(({ start, end }) => {
    const parts = Math.ceil((end - start) / maxRequest);
    const bytes = Math.ceil((end - start) / parts);
    return Array.from({ length: parts }, (_, i) => ({
      start: start + i * bytes,
      end: Math.min(end, start + (i + 1) * bytes),
    }));
  });
};

export const rangeOf = ({ offset, target }: Piece): ByteRange => ({ start: offset, end: offset + target.length });

/** Copies bytes of the file, which begin at `start`, to all pieces that want some of them. */
export const scatter = (bytes: Uint8Array, start: number, pieces: readonly Piece[]): void => {
  for (const { offset, target } of pieces) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + target.length, start + bytes.length);
    if (from < to) target.set(bytes.subarray(from - start, to - start), from - offset);
  }
};
