import { blob, boolean, int32, int64, varchar } from "@headcut/plan";
import { fn, type ScalarFunction } from "./signature.ts";

/** Characters are Unicode code points, positions count from 1. */
export const TEXT_FUNCTIONS: readonly ScalarFunction[] = [
  fn("length char_length character_length len", "Number of characters.", [[[varchar], int64]]),
  fn("strlen", "Number of bytes in UTF-8.", [[[varchar], int64]]),
  fn("octet_length", "Number of bytes.", [[[blob], int64]]),
  fn("lower lcase", "Lower case, character by character, in no language.", [[[varchar], varchar]]),
  fn("upper ucase", "Upper case, character by character, in no language.", [[[varchar], varchar]]),
  fn("||", "Concatenation of two or more; NULL if any is (unlike SQL's concat, which is rewritten to this).", [
    [[varchar, varchar], varchar, varchar],
    [[blob, blob], blob, blob],
  ]),
  fn("concat_ws", "Arguments that are not NULL, joined by the first.", [[[varchar, varchar], varchar, varchar]], {
    nulls: "first",
  }),
  fn(
    "substring substr",
    "substring(x, start[, length]): a start below zero counts from the end; zero is one before the first character; a length below zero takes the characters before start.",
    [
      [[varchar, int64], varchar],
      [[varchar, int64, int64], varchar],
    ],
  ),
  fn("left", "The first n characters; below zero: all but the last -n.", [[[varchar, int64], varchar]]),
  fn("right", "The last n characters; below zero: all but the first -n.", [[[varchar, int64], varchar]]),
  fn("trim", "Without spaces, or any of the given characters, at both ends.", [
    [[varchar], varchar],
    [[varchar, varchar], varchar],
  ]),
  fn("ltrim", "Without spaces, or any of the given characters, at the start.", [
    [[varchar], varchar],
    [[varchar, varchar], varchar],
  ]),
  fn("rtrim", "Without spaces, or any of the given characters, at the end.", [
    [[varchar], varchar],
    [[varchar, varchar], varchar],
  ]),
  fn("lpad", "lpad(x, n, fill): filled at the left, or cut at the right, to n characters.", [
    [[varchar, int32, varchar], varchar],
  ]),
  fn("rpad", "rpad(x, n, fill): filled at the right, or cut at the right, to n characters.", [
    [[varchar, int32, varchar], varchar],
  ]),
  fn("replace", "replace(x, from, to): every occurrence; an empty `from` changes nothing.", [
    [[varchar, varchar, varchar], varchar],
  ]),
  fn("translate", "translate(x, from, to): character by character; without a partner in `to` it is removed.", [
    [[varchar, varchar, varchar], varchar],
  ]),
  fn("reverse", "Characters in reverse.", [[[varchar], varchar]]),
  fn("repeat", "n times; empty for n below one.", [[[varchar, int64], varchar]]),
  fn("strpos instr position", "strpos(x, part): position of the first occurrence, 0 if there is none.", [
    [[varchar, varchar], int64],
  ]),
  fn("starts_with prefix", "Whether x starts with y.", [[[varchar, varchar], boolean]]),
  fn("ends_with suffix", "Whether x ends with y.", [[[varchar, varchar], boolean]]),
  fn("contains", "Whether y occurs in x.", [[[varchar, varchar], boolean]]),
  fn("ascii", "Code point of the first character, 0 for an empty string.", [[[varchar], int32]]),
  fn("unicode ord", "Code point of the first character, -1 for an empty string.", [[[varchar], int32]]),
  fn("chr", "The character with this code point; outside Unicode is an error.", [[[int32], varchar]]),
  fn("split_part", "split_part(x, separator, n): the n-th part, from the end for n below zero; empty when outside.", [
    [[varchar, varchar, int64], varchar],
  ]),
];
