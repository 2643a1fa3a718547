// BYTE_STREAM_SPLIT (parquet-format, Encodings.md): byte k of all values lies in stream k.

/** Values `first` … `first + count - 1` of the `total` that lie at `source`, each of `width` bytes, side by side. */
export function byteStreamJoin(
  source: usize,
  total: u32,
  width: u32,
  first: u32,
  count: u32,
  target: usize,
): void {
  if (width == 8) {
    for (let i: u32 = 0; i < count; i++) {
      let at = source + first + i;
      let value: u64 = 0;
      for (let byte: u64 = 0; byte < 64; byte += 8) {
        value |= (load<u8>(at) as u64) << byte;
        at += total;
      }
      store<u64>(target + ((i as usize) << 3), value);
    }
    return;
  }
  for (let byte: u32 = 0; byte < width; byte++) {
    const stream = source + first + (total as usize) * byte;
    let to = target + byte;
    for (let i: u32 = 0; i < count; i++) {
      store<u8>(to, load<u8>(stream + i));
      to += width;
    }
  }
}
