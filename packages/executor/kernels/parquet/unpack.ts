// Bit-packed integers, least significant bit first, 32 at a time: one unrolled function per width.

/** Value `index` of a group: one load at a place known at compile time, that stays inside the group's 4 * width bytes. */
@inline
function unpackOne(width: u32, index: u32, source: usize, target: usize): void {
  const bit: u32 = width * index;
  if (width <= 25) {
    const at: u32 = min<u32>(bit >> 3, width * 4 - 4);
    store<u32>(target + (index << 2), (load<u32>(source + at) >> (bit - at * 8)) & ((1 << width) - 1));
  } else {
    const at: u32 = min<u32>(bit >> 3, width * 4 - 8);
    const word: u64 = load<u64>(source + at) >> ((bit - at * 8) as u64);
    store<u32>(target + (index << 2), (word as u32) & ((0xffffffff as u32) >> (32 - width)));
  }
}

@inline
function unpackGroup(width: u32, source: usize, target: usize): void {
  unpackOne(width, 0, source, target);
  unpackOne(width, 1, source, target);
  unpackOne(width, 2, source, target);
  unpackOne(width, 3, source, target);
  unpackOne(width, 4, source, target);
  unpackOne(width, 5, source, target);
  unpackOne(width, 6, source, target);
  unpackOne(width, 7, source, target);
  unpackOne(width, 8, source, target);
  unpackOne(width, 9, source, target);
  unpackOne(width, 10, source, target);
  unpackOne(width, 11, source, target);
  unpackOne(width, 12, source, target);
  unpackOne(width, 13, source, target);
  unpackOne(width, 14, source, target);
  unpackOne(width, 15, source, target);
  unpackOne(width, 16, source, target);
  unpackOne(width, 17, source, target);
  unpackOne(width, 18, source, target);
  unpackOne(width, 19, source, target);
  unpackOne(width, 20, source, target);
  unpackOne(width, 21, source, target);
  unpackOne(width, 22, source, target);
  unpackOne(width, 23, source, target);
  unpackOne(width, 24, source, target);
  unpackOne(width, 25, source, target);
  unpackOne(width, 26, source, target);
  unpackOne(width, 27, source, target);
  unpackOne(width, 28, source, target);
  unpackOne(width, 29, source, target);
  unpackOne(width, 30, source, target);
  unpackOne(width, 31, source, target);
}

@inline
function unpackGroups(width: u32, source: usize, target: usize, groups: u32): void {
  for (let group: u32 = 0; group < groups; group++) {
    unpackGroup(width, source, target);
    source += width << 2;
    target += 128;
  }
}

function unpack1(source: usize, target: usize, groups: u32): void {
  unpackGroups(1, source, target, groups);
}
function unpack2(source: usize, target: usize, groups: u32): void {
  unpackGroups(2, source, target, groups);
}
function unpack3(source: usize, target: usize, groups: u32): void {
  unpackGroups(3, source, target, groups);
}
function unpack4(source: usize, target: usize, groups: u32): void {
  unpackGroups(4, source, target, groups);
}
function unpack5(source: usize, target: usize, groups: u32): void {
  unpackGroups(5, source, target, groups);
}
function unpack6(source: usize, target: usize, groups: u32): void {
  unpackGroups(6, source, target, groups);
}
function unpack7(source: usize, target: usize, groups: u32): void {
  unpackGroups(7, source, target, groups);
}
function unpack8(source: usize, target: usize, groups: u32): void {
  unpackGroups(8, source, target, groups);
}
function unpack9(source: usize, target: usize, groups: u32): void {
  unpackGroups(9, source, target, groups);
}
function unpack10(source: usize, target: usize, groups: u32): void {
  unpackGroups(10, source, target, groups);
}
function unpack11(source: usize, target: usize, groups: u32): void {
  unpackGroups(11, source, target, groups);
}
function unpack12(source: usize, target: usize, groups: u32): void {
  unpackGroups(12, source, target, groups);
}
function unpack13(source: usize, target: usize, groups: u32): void {
  unpackGroups(13, source, target, groups);
}
function unpack14(source: usize, target: usize, groups: u32): void {
  unpackGroups(14, source, target, groups);
}
function unpack15(source: usize, target: usize, groups: u32): void {
  unpackGroups(15, source, target, groups);
}
function unpack16(source: usize, target: usize, groups: u32): void {
  unpackGroups(16, source, target, groups);
}
function unpack17(source: usize, target: usize, groups: u32): void {
  unpackGroups(17, source, target, groups);
}
function unpack18(source: usize, target: usize, groups: u32): void {
  unpackGroups(18, source, target, groups);
}
function unpack19(source: usize, target: usize, groups: u32): void {
  unpackGroups(19, source, target, groups);
}
function unpack20(source: usize, target: usize, groups: u32): void {
  unpackGroups(20, source, target, groups);
}
function unpack21(source: usize, target: usize, groups: u32): void {
  unpackGroups(21, source, target, groups);
}
function unpack22(source: usize, target: usize, groups: u32): void {
  unpackGroups(22, source, target, groups);
}
function unpack23(source: usize, target: usize, groups: u32): void {
  unpackGroups(23, source, target, groups);
}
function unpack24(source: usize, target: usize, groups: u32): void {
  unpackGroups(24, source, target, groups);
}
function unpack25(source: usize, target: usize, groups: u32): void {
  unpackGroups(25, source, target, groups);
}
function unpack26(source: usize, target: usize, groups: u32): void {
  unpackGroups(26, source, target, groups);
}
function unpack27(source: usize, target: usize, groups: u32): void {
  unpackGroups(27, source, target, groups);
}
function unpack28(source: usize, target: usize, groups: u32): void {
  unpackGroups(28, source, target, groups);
}
function unpack29(source: usize, target: usize, groups: u32): void {
  unpackGroups(29, source, target, groups);
}
function unpack30(source: usize, target: usize, groups: u32): void {
  unpackGroups(30, source, target, groups);
}
function unpack31(source: usize, target: usize, groups: u32): void {
  unpackGroups(31, source, target, groups);
}
function unpack32(source: usize, target: usize, groups: u32): void {
  unpackGroups(32, source, target, groups);
}

/** Unpacks `groups` times 32 values of `width` bits (1 to 32) to u32. */
export function unpackBits(width: u32, source: usize, target: usize, groups: u32): void {
  switch (width) {
    case 1:
      unpack1(source, target, groups);
      return;
    case 2:
      unpack2(source, target, groups);
      return;
    case 3:
      unpack3(source, target, groups);
      return;
    case 4:
      unpack4(source, target, groups);
      return;
    case 5:
      unpack5(source, target, groups);
      return;
    case 6:
      unpack6(source, target, groups);
      return;
    case 7:
      unpack7(source, target, groups);
      return;
    case 8:
      unpack8(source, target, groups);
      return;
    case 9:
      unpack9(source, target, groups);
      return;
    case 10:
      unpack10(source, target, groups);
      return;
    case 11:
      unpack11(source, target, groups);
      return;
    case 12:
      unpack12(source, target, groups);
      return;
    case 13:
      unpack13(source, target, groups);
      return;
    case 14:
      unpack14(source, target, groups);
      return;
    case 15:
      unpack15(source, target, groups);
      return;
    case 16:
      unpack16(source, target, groups);
      return;
    case 17:
      unpack17(source, target, groups);
      return;
    case 18:
      unpack18(source, target, groups);
      return;
    case 19:
      unpack19(source, target, groups);
      return;
    case 20:
      unpack20(source, target, groups);
      return;
    case 21:
      unpack21(source, target, groups);
      return;
    case 22:
      unpack22(source, target, groups);
      return;
    case 23:
      unpack23(source, target, groups);
      return;
    case 24:
      unpack24(source, target, groups);
      return;
    case 25:
      unpack25(source, target, groups);
      return;
    case 26:
      unpack26(source, target, groups);
      return;
    case 27:
      unpack27(source, target, groups);
      return;
    case 28:
      unpack28(source, target, groups);
      return;
    case 29:
      unpack29(source, target, groups);
      return;
    case 30:
      unpack30(source, target, groups);
      return;
    case 31:
      unpack31(source, target, groups);
      return;
    case 32:
      unpack32(source, target, groups);
      return;
  }
}

/** Value `index` of a run that starts at `source`; reads up to 8 bytes from the value's first. */
@inline
export function unpackSingle(width: u32, source: usize, index: u32): u32 {
  const bit: u64 = (index as u64) * width;
  const word = load<u64>(source + ((bit >> 3) as usize)) >> (bit & 7);
  return (word as u32) & ((0xffffffff as u32) >> (32 - width));
}
