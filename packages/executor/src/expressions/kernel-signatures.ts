import type { ValueType } from "../wasm/function-builder.ts";

type Signature = readonly [params: readonly ValueType[], results: readonly ValueType[]];

/** The kernels that compiled code calls, as WebAssembly sees them; u32 and usize are i32, string references i64. */
export const kernelSignatures = {
  // memory.ts
  arenaAllocate: [["i32", "i32"], ["i32"]],
  slabAllocate: [["i32", "i32"], ["i32"]],
  slabFree: [["i32", "i32"], []],
  // strings.ts
  stringEquals: [["i64", "i64"], ["i32"]],
  stringCompare: [["i64", "i64"], ["i32"]],
  stringHash: [["i64"], ["i64"]],
  stringCopy: [["i64", "i32"], ["i64"]],
  // search.ts
  stringContains: [["i64", "i64"], ["i32"]],
  stringStartsWith: [["i64", "i64"], ["i32"]],
  stringEndsWith: [["i64", "i64"], ["i32"]],
  // like.ts
  likePieces: [["i64", "i64", "i32", "i32"], ["i32"]],
  likeMatch: [["i64", "i64", "i32"], ["i32"]],
  // lists.ts
  inIntegers: [["i64", "i64"], ["i32"]],
  inStrings: [["i64", "i64"], ["i32"]],
  // text-parts.ts
  textLength: [["i64"], ["i64"]],
  substring: [["i64", "i64", "i64"], ["i64"]],
  textLeft: [["i64", "i64"], ["i64"]],
  textRight: [["i64", "i64"], ["i64"]],
  textPosition: [["i64", "i64"], ["i64"]],
  textTrim: [["i64", "i64", "i32"], ["i64"]],
  firstCharacter: [["i64", "i32"], ["i32"]],
  splitPart: [["i64", "i64", "i64"], ["i64"]],
  // text-edit.ts
  textLower: [["i64", "i32"], ["i64"]],
  textUpper: [["i64", "i32"], ["i64"]],
  textConcat: [["i64", "i64", "i32"], ["i64"]],
  textReverse: [["i64", "i32"], ["i64"]],
  textRepeat: [["i64", "i64", "i32"], ["i64"]],
  textReplace: [["i64", "i64", "i64", "i32"], ["i64"]],
  textTranslate: [["i64", "i64", "i64", "i32"], ["i64"]],
  textPad: [["i64", "i32", "i64", "i32", "i32"], ["i64"]],
  characterOf: [["i32", "i32"], ["i64"]],
  // date-parts.ts
  yearOfDate: [["i32"], ["i64"]],
  monthOfDate: [["i32"], ["i64"]],
  dayOfDate: [["i32"], ["i64"]],
  quarterOfDate: [["i32"], ["i64"]],
  dayOfWeek: [["i32"], ["i64"]],
  isoDayOfWeek: [["i32"], ["i64"]],
  dayOfYear: [["i32"], ["i64"]],
  isoYear: [["i32"], ["i64"]],
  isoWeek: [["i32"], ["i64"]],
  yearWeek: [["i32"], ["i64"]],
  decadeOfDate: [["i32"], ["i64"]],
  centuryOfDate: [["i32"], ["i64"]],
  millenniumOfDate: [["i32"], ["i64"]],
  eraOfDate: [["i32"], ["i64"]],
  lastDayOfMonth: [["i32"], ["i32"]],
  // outcome.ts
  highWord: [[], ["i64"]],
  kernelFailure: [[], ["i32"]],
  // int128.ts
  decimalMultiply: [["i64", "i64", "i64", "i64"], ["i64"]],
  decimalDivide: [["i64", "i64", "i64", "i64"], ["i64"]],
  decimalRemainder: [["i64", "i64", "i64", "i64"], ["i64"]],
  decimalDivideRounded: [["i64", "i64", "i64", "i64"], ["i64"]],
  decimalDivideFloor: [["i64", "i64", "i64", "i64", "i32"], ["i64"]],
  // format-numbers.ts, format-temporal.ts, format-bytes.ts
  formatInteger: [["i64", "i32", "i32"], ["i64"]],
  formatDecimal: [["i64", "i64", "i32", "i32", "i32"], ["i64"]],
  formatDouble: [["f64", "i32"], ["i64"]],
  formatSingle: [["f32", "i32"], ["i64"]],
  formatDate: [["i32", "i32"], ["i64"]],
  formatTime: [["i64", "i32", "i32"], ["i64"]],
  formatTimestamp: [["i64", "i32", "i32", "i32"], ["i64"]],
  formatInterval: [["i64", "i64", "i32"], ["i64"]],
  formatUuid: [["i64", "i64", "i32"], ["i64"]],
  formatBlob: [["i64", "i32"], ["i64"]],
  // parse-numbers.ts, parse-double.ts, parse-temporal.ts, parse-interval.ts, format-bytes.ts
  parseBoolean: [["i64"], ["i32"]],
  parseInteger: [["i64", "i32", "i32"], ["i64"]],
  parseDecimal: [["i64", "i32"], ["i64"]],
  parseDouble: [["i64", "i32"], ["f64"]],
  parseSingle: [["i64", "i32"], ["f32"]],
  parseDate: [["i64"], ["i32"]],
  parseTime: [["i64", "i32"], ["i64"]],
  parseTimestamp: [["i64", "i32", "i32"], ["i64"]],
  parseInterval: [["i64"], ["i64"]],
  parseUuid: [["i64"], ["i64"]],
  parseBlob: [["i64", "i32"], ["i64"]],
  // decimals.ts
  decimalToDouble: [["i64", "i64", "i32"], ["f64"]],
  decimalToFloat: [["i64", "i64", "i32"], ["f32"]],
  doubleToDecimal: [["f64", "i32", "i32"], ["i64"]],
  // floats.ts
  floatRemainder: [["f64", "f64"], ["f64"]],
  // intervals.ts
  intervalAdd: [["i64", "i64", "i64", "i64"], ["i64"]],
  intervalNegate: [["i64", "i64"], ["i64"]],
  intervalMultiply: [["i64", "i64", "i64"], ["i64"]],
  timestampDifference: [["i64", "i64"], ["i64"]],
  timestampAddInterval: [["i64", "i64", "i64"], ["i64"]],
  timeAddInterval: [["i64", "i64"], ["i64"]],
  timestampOfDate: [["i32"], ["i64"]],
  dateOfTimestamp: [["i64"], ["i32"]],
  timeOfDay: [["i64"], ["i64"]],
  dateAddDays: [["i32", "i64"], ["i32"]],
  intervalCompare: [["i64", "i64", "i64", "i64"], ["i32"]],
  intervalHash: [["i64", "i64"], ["i64"]],
} as const satisfies Record<string, Signature>;

export type KernelName = keyof typeof kernelSignatures;
