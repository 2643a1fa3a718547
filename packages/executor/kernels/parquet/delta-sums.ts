// The values of a miniblock: bit-packed numbers (least significant bit first) that say by how much more than a least difference each value
// is above the one before. All sums wrap around. Callers say with `bytes`, a constant, what becomes of the values: 8 and 4 are written as
// i64 and i32, 0 are only summed up.

/** Of so many bits at most, four numbers lie within 16 bytes, wherever in a byte they begin, and each within 4 of those. */
const MOST_LANE_BITS: u32 = 25;

/** A number of so many bits at most lies within 8 bytes, wherever in a byte it begins. */
const MOST_WORD_BITS: u32 = 57;

/** Groups of eight whose sum cannot leave 32 bits: each lane adds two numbers for each of them. */
const SUMMED_GROUPS: u32 = 32;

@inline
function put(bytes: u32, target: usize, value: i64): void {
  if (bytes == 8) store<i64>(target, value);
  else if (bytes == 4) store<i32>(target, value as i32);
}

/** Reads up to 9 bytes from a number's first. */
@inline
function sumSingly(
  bytes: u32,
  width: u32,
  source: usize,
  index: u32,
  count: u32,
  target: usize,
  value: i64,
  least: i64,
): i64 {
  if (count == 0) return value;
  const mask: u64 = width == 0 ? 0 : (0xffffffffffffffff as u64) >> (64 - width);
  let bit: u64 = (index as u64) * width;
  if (width <= MOST_WORD_BITS) {
    do {
      const word = load<u64>(source + ((bit >> 3) as usize)) >> (bit & 7);
      value += least + ((word & mask) as i64);
      put(bytes, target, value);
      target += bytes;
      bit += width;
    } while (--count > 0);
    return value;
  }
  do {
    const at = source + ((bit >> 3) as usize);
    const shift = bit & 7;
    // A shift by 64 would be one by 0.
    const word = (load<u64>(at) >> shift) | (((load<u8>(at, 8) as u64) << 1) << (63 - shift));
    value += least + ((word & mask) as i64);
    put(bytes, target, value);
    target += bytes;
    bit += width;
  } while (--count > 0);
  return value;
}

// Four numbers of up to 25 bits, one to a lane: the bytes of each are brought to its lane, then a product with a power of two moves it to
// bit 7 of that. All lanes are then shifted alike, and what is above the number is cut off.

/** For numbers that begin at these bits: which bytes each lane gets. */
@inline
function bytesFrom(bits: v128): v128 {
  return i32x4.add(i32x4.mul(i32x4.shr_u(bits, 3), i32x4.splat(0x01010101)), i32x4.splat(0x03020100));
}

/** … and the power of two that moves bit 0 … 7 to bit 7. */
@inline
function scalesFrom(bits: v128): v128 {
  const powers = i8x16(-128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  return i8x16.swizzle(powers, v128.or(v128.and(bits, i32x4.splat(7)), i32x4.splat(0x80808000)));
}

@inline
function fourAt(source: usize, bytes: v128, scales: v128, mask: v128): v128 {
  const lanes = i32x4.mul(i8x16.swizzle(v128.load(source), bytes), scales);
  return v128.and(i32x4.shr_u(lanes, 7), mask);
}

/** Each lane and those before it. */
@inline
function runningSums(lanes: v128): v128 {
  const none = i32x4.splat(0);
  const pairs = i32x4.add(lanes, v128.shuffle<i32>(none, lanes, 3, 4, 5, 6));
  return i32x4.add(pairs, v128.shuffle<i32>(none, pairs, 2, 3, 4, 5));
}

/**
 * `groups` (at least one) times eight numbers of at most MOST_LANE_BITS bits; reads up to 16 bytes behind the last one's first. The
 * loops ask at their end whether to go on: what does not change is then computed ahead of them.
 */
@inline
function sumGroups(bytes: u32, width: u32, source: usize, groups: u32, target: usize, value: i64, least: i64): i64 {
  const bits = i32x4.mul(i32x4.splat(width), i32x4(0, 1, 2, 3));
  // The second four of a group begin at half a byte, or none.
  const second: usize = width >> 1;
  const secondBits = i32x4.add(bits, i32x4.splat((width & 1) << 2));
  const bytes0 = bytesFrom(bits);
  const bytes1 = bytesFrom(secondBits);
  const scales0 = scalesFrom(bits);
  const scales1 = scalesFrom(secondBits);
  const mask = i32x4.splat((1 << width) - 1);
  if (bytes == 8) {
    const least12 = i64x2.replace_lane(i64x2.splat(least), 1, least << 1);
    const least34 = i64x2.add(least12, i64x2.splat(least << 1));
    let base = i64x2.splat(value);
    const end = target + ((groups as usize) << 6);
    do {
      // Only the last addition of each waits for the values before.
      const sums0 = runningSums(fourAt(source, bytes0, scales0, mask));
      const sums1 = runningSums(fourAt(source + second, bytes1, scales1, mask));
      const low0 = i64x2.add(i64x2.extend_low_i32x4_u(sums0), least12);
      const high0 = i64x2.add(i64x2.extend_high_i32x4_u(sums0), least34);
      const four = v128.shuffle<i64>(high0, high0, 1, 1);
      const low1 = i64x2.add(i64x2.extend_low_i32x4_u(sums1), i64x2.add(four, least12));
      const high1 = i64x2.add(i64x2.extend_high_i32x4_u(sums1), i64x2.add(four, least34));
      v128.store(target, i64x2.add(base, low0));
      v128.store(target, i64x2.add(base, high0), 16);
      v128.store(target, i64x2.add(base, low1), 32);
      const last = i64x2.add(base, high1);
      v128.store(target, last, 48);
      base = v128.shuffle<i64>(last, last, 1, 1);
      source += width;
      target += 64;
    } while (target < end);
    return i64x2.extract_lane(base, 0);
  }
  if (bytes == 4) {
    const steps = i32x4.mul(i32x4.splat(least as i32), i32x4(1, 2, 3, 4));
    let base = i32x4.splat(value as i32);
    const end = target + ((groups as usize) << 5);
    do {
      const sums0 = i32x4.add(runningSums(fourAt(source, bytes0, scales0, mask)), steps);
      const sums1 = i32x4.add(runningSums(fourAt(source + second, bytes1, scales1, mask)), steps);
      v128.store(target, i32x4.add(base, sums0));
      const last = i32x4.add(base, i32x4.add(sums1, v128.shuffle<i32>(sums0, sums0, 3, 3, 3, 3)));
      v128.store(target, last, 16);
      base = v128.shuffle<i32>(last, last, 3, 3, 3, 3);
      source += width;
      target += 32;
    } while (target < end);
    return i32x4.extract_lane(base, 0) as i64;
  }
  value += least * ((groups as i64) << 3);
  do {
    const now = min(groups, SUMMED_GROUPS);
    let sums = i32x4.splat(0);
    let left = now;
    do {
      const first = fourAt(source, bytes0, scales0, mask);
      sums = i32x4.add(sums, i32x4.add(first, fourAt(source + second, bytes1, scales1, mask)));
      source += width;
    } while (--left > 0);
    const pairs = i64x2.add(i64x2.extend_low_i32x4_u(sums), i64x2.extend_high_i32x4_u(sums));
    value += i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
    groups -= now;
  } while (groups > 0);
  return value;
}

@inline
function sumRange(
  bytes: u32,
  width: u32,
  source: usize,
  index: u32,
  count: u32,
  target: usize,
  value: i64,
  least: i64,
): i64 {
  if (width > MOST_LANE_BITS) return sumSingly(bytes, width, source, index, count, target, value, least);
  // One by one to where a number begins with a byte, and behind the last eight.
  const head = min<u32>((8 - (index & 7)) & 7, count);
  value = sumSingly(bytes, width, source, index, head, target, value, least);
  index += head;
  target += head * bytes;
  const groups = (count - head) >> 3;
  if (groups != 0) {
    const start = source + (index >> 3) * width;
    value = sumGroups(bytes, width, start, groups, target, value, least);
    index += groups << 3;
    target += (groups << 3) * bytes;
  }
  return sumSingly(bytes, width, source, index, (count - head) & 7, target, value, least);
}

// `sum…` takes numbers `index` … `index + count - 1` of a miniblock of `width` bits at `source`, after the value `value`. The last value, of
// which only those bits are right that are written.

export function sumInt64(
  width: u32,
  source: usize,
  index: u32,
  count: u32,
  target: usize,
  value: i64,
  least: i64,
): i64 {
  return sumRange(8, width, source, index, count, target, value, least);
}

export function sumInt32(
  width: u32,
  source: usize,
  index: u32,
  count: u32,
  target: usize,
  value: i64,
  least: i64,
): i64 {
  return sumRange(4, width, source, index, count, target, value, least);
}

export function sumOnly(width: u32, source: usize, index: u32, count: u32, value: i64, least: i64): i64 {
  return sumRange(0, width, source, index, count, 0, value, least);
}
