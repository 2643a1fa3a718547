// Membership in sorted lists of constants: `list` refers to the array, its length being the number of elements.
import { addressOf, lengthOf } from "./reference";
import { stringCompare } from "./strings";

export function inIntegers(value: i64, list: u64): bool {
  const values = addressOf(list);
  let from: u32 = 0;
  let to = lengthOf(list);
  while (from < to) {
    const middle = (from + to) >> 1;
    const candidate = load<i64>(values + (middle << 3));
    if (candidate == value) return true;
    if (candidate < value) from = middle + 1;
    else to = middle;
  }
  return false;
}

export function inStrings(value: u64, list: u64): bool {
  const values = addressOf(list);
  let from: u32 = 0;
  let to = lengthOf(list);
  while (from < to) {
    const middle = (from + to) >> 1;
    const order = stringCompare(load<u64>(values + (middle << 3)), value);
    if (order == 0) return true;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return false;
}
