import { compileExpression } from "../expressions/compile-expression.ts";
import { raiseCode } from "../expressions/raise-code.ts";
import { only, type Value } from "../expressions/value.ts";
import type { Code } from "../pipelines/code.ts";
import type { PipelineBuilder } from "../pipelines/pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import { Row } from "../pipelines/row.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { CollectedRows } from "./sorted-aggregate-plan.ts";

/** Byte offsets in the state: what is known of the group at hand. i64 but for the addresses. */
const group = { count: 0, index: 8, start: 16, next: 20, bytes: 24 } as const;

/** Bytes of a text, at most. */
const MOST_BYTES = 0x7ff00000;

/**
 * Takes rows of groups in order, before each group's one that says how many there are. What goes on: for a median, the one or two rows in the
 * middle; for texts, the last one, with all of them as its value.
 */
export const collectRows = (
  query: QueryBuilder,
  operatorId: number,
  rows: CollectedRows,
  consumer: Consumer,
): Consumer => {
  const state = query.state(group.bytes);
  const groups = [...consumer.needs].filter((id) => id !== rows.value);
  return {
    needs: new Set([...consumer.needs, rows.count, rows.bytes, rows.value]),
    consume(pipeline, row) {
      pipeline.enter(operatorId, rows.call.name);
      const { code } = pipeline;
      const { fn } = code;
      row.load([rows.count, rows.bytes, rows.value, ...groups]);
      const count = row.column(rows.count);
      void code.keep;
      fn.get(count.isNull!);
      fn.if(
        () => {
          if (rows.call.name === "median") takeMiddle(pipeline, state, () => consumer.consume(pipeline, row));
          else takeText(pipeline, state, operatorId, rows, row, groups, consumer);
        },
        () => beginGroup(code, state, operatorId, rows, row),
      );
    },
  };
};

const load = ({ fn, states }: Code, type: "i32" | "i64", offset: number): Local => {
  const local = fn.local(type);
  fn.get(states);
  fn.mem(`${type}.load`, offset);
  fn.set(local);
  return local;
};

const store = ({ fn, states }: Code, type: "i32" | "i64", offset: number, push: () => void): void => {
  fn.get(states);
  push();
  fn.mem(`${type}.store`, offset);
};

const beginGroup = (
  code: Code,
  state: number,
  operatorId: number,
  { call, count, bytes }: CollectedRows,
  row: Row,
): void => {
  const { fn } = code;
  const number = only(row.column(count));
  store(code, "i64", state + group.count, () => fn.get(number));
  store(code, "i64", state + group.index, () => fn.i64(0));
  if (call.name === "median") return;
  // Its strings' bytes, and a separator for all but one.
  fn.get(number);
  fn.i64(0);
  fn.op("i64.ne");
  fn.if(() => {
    const size = fn.local("i64");
    fn.get(row.column(bytes).locals[0]!);
    fn.get(number);
    fn.i64(1);
    fn.op("i64.sub");
    pushLength(code, separatorOf(code, operatorId, call.args[1]!));
    fn.op("i64.extend_i32_u");
    fn.op("i64.mul");
    fn.op("i64.add");
    fn.set(size);
    fn.get(size);
    fn.i64(MOST_BYTES);
    fn.op("i64.gt_u");
    fn.if(() => code.raise(raiseCode.outOfMemory, operatorId));
    const start = fn.local("i32");
    fn.get(code.keep);
    fn.get(size);
    fn.op("i32.wrap_i64");
    fn.i32(1);
    fn.op("i32.add");
    fn.call(code.module.kernel("arenaAllocate"));
    fn.tee(start);
    code.checkAllocated(operatorId);
    for (const offset of [group.start, group.next]) store(code, "i32", state + offset, () => fn.get(start));
  });
};

/** The row's number in its group, which the next row's is one more than. */
const takeNumber = (code: Code, state: number): Local => {
  const { fn } = code;
  const index = load(code, "i64", state + group.index);
  store(code, "i64", state + group.index, () => {
    fn.get(index);
    fn.i64(1);
    fn.op("i64.add");
  });
  return index;
};

const takeMiddle = ({ code }: PipelineBuilder, state: number, pass: () => void): void => {
  const { fn } = code;
  const index = takeNumber(code, state);
  const count = load(code, "i64", state + group.count);
  for (const less of [1, 0]) {
    fn.get(index);
    fn.get(count);
    fn.i64(less);
    fn.op("i64.sub");
    fn.i64(1);
    fn.op("i64.shr_u");
    fn.op("i64.eq");
  }
  fn.op("i32.or");
  fn.if(pass);
};

const takeText = (
  pipeline: PipelineBuilder,
  state: number,
  operatorId: number,
  { call, value }: CollectedRows,
  row: Row,
  groups: readonly number[],
  consumer: Consumer,
): void => {
  const { code } = pipeline;
  const { fn } = code;
  const index = takeNumber(code, state);
  const next = load(code, "i32", state + group.next);
  const separator = separatorOf(code, operatorId, call.args[1]!);
  const append = (text: Value): void => {
    fn.get(next);
    pushAddress(code, text);
    pushLength(code, text);
    fn.memoryCopy();
    fn.get(next);
    pushLength(code, text);
    fn.op("i32.add");
    fn.set(next);
  };
  fn.get(index);
  fn.i64(0);
  fn.op("i64.ne");
  fn.if(() => append(separator));
  append(row.column(value));
  store(code, "i32", state + group.next, () => fn.get(next));
  fn.get(index);
  fn.i64(1);
  fn.op("i64.add");
  fn.get(load(code, "i64", state + group.count));
  fn.op("i64.eq");
  fn.if(() => {
    const start = load(code, "i32", state + group.start);
    const text = fn.local("i64");
    fn.get(next);
    fn.get(start);
    fn.op("i32.sub");
    fn.op("i64.extend_i32_u");
    fn.i64(32);
    fn.op("i64.shl");
    fn.get(start);
    fn.op("i64.extend_i32_u");
    fn.op("i64.or");
    fn.set(text);
    const all: Value = { storage: "string", locals: [text], isNull: undefined };
    consumer.consume(
      pipeline,
      new Row(
        new Map([
          ...groups.map((id) => [id, row.source(id)] as const),
          [value, { load: () => all, stable: true }] as const,
        ]),
      ),
    );
  });
};

const separatorOf = (code: Code, operatorId: number, separator: Parameters<typeof compileExpression>[0]): Value =>
  compileExpression(separator, code.scope(operatorId));

const pushAddress = ({ fn }: Code, text: Value): void => {
  fn.get(only(text));
  fn.op("i32.wrap_i64");
};

/** A reference has it above the address. */
const pushLength = ({ fn }: Code, text: Value): void => {
  fn.get(only(text));
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.op("i32.wrap_i64");
};
