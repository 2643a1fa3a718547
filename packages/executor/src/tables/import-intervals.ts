import type * as arrow from "apache-arrow";
import { type ColumnImport, checkImport, stageValues } from "./column-import.ts";

/** Years and months, days and milliseconds, or months, days and nanoseconds. */
export const importIntervals = (to: ColumnImport, data: arrow.Data): void => {
  const { values, valid, count } = to;
  const { memory, kernels } = to.heap;
  const { unit } = data.type as arrow.Interval;
  if (unit === 2) {
    checkImport(
      to,
      kernels.intervalsFromArrow(stageValues(to, data, 16), valid, count, values),
      "an interval is not in whole microseconds",
    );
    return;
  }
  // Storage, in u32: microseconds (low, high), days, months.
  const days = unit === 1;
  const from = stageValues(to, data, days ? 8 : 4) >>> 2;
  memory.bytes.fill(0, values, values + count * 16);
  for (let i = 0; i < count; i++) {
    if (days) {
      memory.i32[(values >>> 2) + 4 * i + 2] = memory.i32[from + 2 * i]!;
      memory.i64[(values >>> 3) + 2 * i] = BigInt(memory.i32[from + 2 * i + 1]!) * 1000n;
    } else {
      memory.i32[(values >>> 2) + 4 * i + 3] = memory.i32[from + i]!;
    }
  }
};

/** Arrow's units are 0 … 3: s, ms, us, ns. */
export const importDurations = (to: ColumnImport, data: arrow.Data): void => {
  const { values, valid, count } = to;
  const { memory, kernels } = to.heap;
  const { unit } = data.type as arrow.Duration;
  const from = stageValues(to, data, 8);
  if (unit < 2) {
    const factor = unit === 0 ? 1_000_000 : 1000;
    checkImport(to, kernels.multiplyInt64(from, valid, count, factor, from), "a duration is out of range");
  }
  for (let i = 0; i < count; i++) {
    let micros = memory.i64[(from >>> 3) + i]!;
    if (unit === 3) {
      const whole = micros % 1000n === 0n || memory.bytes[valid + i] === 0;
      checkImport(to, whole ? 1 : 0, "a duration is not in whole microseconds");
      micros /= 1000n;
    }
    memory.i64[(values >>> 3) + 2 * i] = micros;
    memory.i64[(values >>> 3) + 2 * i + 1] = 0n;
  }
};
