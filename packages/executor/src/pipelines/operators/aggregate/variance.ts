import { only, pop } from "../../../expressions/value.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import { type Accumulator, localState } from "./accumulator.ts";

/**
 * Fields: rows (int64), mean, sum of squared distances from the mean. Updated as Welford (1962), combined as Chan, Golub and
 * LeVeque (1983), so that no precision is lost to large squares.
 */
export const variance: Accumulator = {
  fields: [{ storage: "int64" }, { storage: "float64" }, { storage: "float64" }],
  update({ fn }, _operatorId, state, [value]) {
    const rows = fn.local("i64");
    const distance = fn.local("f64");
    const mean = fn.local("f64");
    const before = state.load(1);
    fn.get(only(state.load(0)));
    fn.i64(1);
    fn.op("i64.add");
    fn.set(rows);
    state.store(0, { storage: "int64", locals: [rows], isNull: undefined });
    fn.get(only(value!));
    fn.get(only(before));
    fn.op("f64.sub");
    fn.tee(distance);
    fn.get(rows);
    fn.op("f64.convert_i64_s");
    fn.op("f64.div");
    fn.get(only(before));
    fn.op("f64.add");
    fn.set(mean);
    fn.get(only(state.load(2)));
    fn.get(distance);
    fn.get(only(value!));
    fn.get(mean);
    fn.op("f64.sub");
    fn.op("f64.mul");
    fn.op("f64.add");
    state.store(2, pop(fn, "float64"));
    state.store(1, { storage: "float64", locals: [mean], isNull: undefined });
  },
  combine({ fn }, _operatorId, into, from) {
    const [rowsA, meanA, squaresA] = [0, 1, 2].map((field) => only(into.load(field))) as [Local, Local, Local];
    const [rowsB, meanB, squaresB] = [0, 1, 2].map((field) => only(from.load(field))) as [Local, Local, Local];
    const total = fn.local("i64");
    const distance = fn.local("f64");
    const float = (rows: Local): void => {
      fn.get(rows);
      fn.op("f64.convert_i64_s");
    };
    fn.get(rowsA);
    fn.get(rowsB);
    fn.op("i64.add");
    fn.set(total);
    fn.get(rowsB);
    fn.i64(0);
    fn.op("i64.ne");
    fn.if(() => {
      fn.get(meanB);
      fn.get(meanA);
      fn.op("f64.sub");
      fn.set(distance);
      // squares + squares' + distance² · rows · rows' / total
      fn.get(squaresA);
      fn.get(squaresB);
      fn.op("f64.add");
      fn.get(distance);
      fn.get(distance);
      fn.op("f64.mul");
      float(rowsA);
      fn.op("f64.mul");
      float(rowsB);
      fn.op("f64.mul");
      float(total);
      fn.op("f64.div");
      fn.op("f64.add");
      const squares = pop(fn, "float64");
      // (rows · mean + rows' · mean') / total
      float(rowsA);
      fn.get(meanA);
      fn.op("f64.mul");
      float(rowsB);
      fn.get(meanB);
      fn.op("f64.mul");
      fn.op("f64.add");
      float(total);
      fn.op("f64.div");
      const mean = pop(fn, "float64");
      into.store(0, { storage: "int64", locals: [total], isNull: undefined });
      into.store(1, mean);
      into.store(2, squares);
    });
  },
};

/** The same from parts of the values: how many they are, their mean, their population variance. */
export const varianceOfParts: Accumulator = {
  fields: variance.fields,
  update(code, operatorId, state, [rows, mean, spread]) {
    const { fn } = code;
    fn.get(only(spread!));
    fn.get(only(rows!));
    fn.op("f64.convert_i64_s");
    fn.op("f64.mul");
    const squares = pop(fn, "float64");
    variance.combine(code, operatorId, state, localState(code, [rows!, mean!, squares]));
  },
  combine: variance.combine,
};
