import type { Constant, PhysicalValues } from "@headcut/plan";
import { writeConstant } from "../../expressions/constants-block.ts";
import { countedLoop, pushElement } from "../loops.ts";
import { fieldsByColumn, materializedRow } from "../materialized.ts";
import type { Produce } from "../query-builder.ts";
import { fieldShape, layoutRow, type RowLayout } from "../row-layout.ts";

/** Rows of constants, laid out at compile time in the constants block; one thread reads them in order. */
export const produceValues: Produce<PhysicalValues> = (query, plan, consumer) => {
  const used = plan.columns.flatMap((column, position) =>
    consumer.needs.has(column.id) ? [{ column, position }] : [],
  );
  const columns = used.map(({ column }) => column);
  const layout = layoutRow(0, columns.map(fieldShape));
  const rows = plan.rows.map((row) => used.map(({ position }) => constantOf(row[position]!)));
  const pipeline = query.open({ kind: "none" });
  pipeline.enter(plan.operatorId, "values");
  const { code } = pipeline;
  const { fn, module } = code;
  const { bytes, relocations } = encodeRows(rows, layout);
  const slot = module.data(bytes, relocations, plan.rows.length);
  const constants = module.constantsAddress(fn, code.context);
  pipeline.process(() => {
    const base = fn.local("i32");
    const count = fn.local("i32");
    const address = fn.local("i32");
    fn.get(constants);
    fn.mem("i32.load", slot);
    fn.set(base);
    fn.get(constants);
    fn.mem("i32.load", slot + 4);
    fn.set(count);
    countedLoop(fn, count, (index) => {
      pushElement(fn, base, index, layout.stride);
      fn.set(address);
      pipeline.countRow(plan.operatorId);
      consumer.consume(pipeline, materializedRow(code, fieldsByColumn(columns, layout), address));
    });
  });
};

const constantOf = (expression: PhysicalValues["rows"][number][number]): Constant => {
  if (expression.kind !== "constant") throw new Error("internal error: VALUES of something else than constants");
  return expression;
};

/** The rows one after another, then the bytes of their strings; `relocations` are the strings' addresses. */
const encodeRows = (
  rows: readonly (readonly Constant[])[],
  layout: RowLayout,
): { readonly bytes: Uint8Array; readonly relocations: readonly number[] } => {
  const encoder = new TextEncoder();
  const relocations: number[] = [];
  const tails: Uint8Array[] = [];
  const fixed = new Uint8Array(rows.length * layout.stride);
  const view = new DataView(fixed.buffer);
  let end = fixed.length;
  rows.forEach((row, index) => {
    const base = index * layout.stride;
    row.forEach(({ type, value }, position) => {
      const field = layout.fields[position]!;
      if (value === null) {
        view.setUint8(base + field.nullOffset!, 1);
      } else if (field.storage === "string") {
        const tail = typeof value === "string" ? encoder.encode(value) : (value as Uint8Array);
        view.setUint32(base + field.offset, end, true);
        view.setUint32(base + field.offset + 4, tail.length, true);
        relocations.push(base + field.offset);
        tails.push(tail);
        end += tail.length;
      } else {
        writeConstant(type, value, view, base + field.offset);
      }
    });
  });
  const bytes = new Uint8Array(end);
  bytes.set(fixed);
  let at = fixed.length;
  for (const tail of tails) {
    bytes.set(tail, at);
    at += tail.length;
  }
  return { bytes, relocations };
};
