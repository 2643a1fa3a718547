import { compileExpression } from "../../../expressions/compile-expression.ts";
import { only, type Value } from "../../../expressions/value.ts";
import { inLastTurn, type ProbeTurns, pushRemembered, remember } from "../../../spill/probe-turns.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer } from "../../query-builder.ts";
import { operatorRaiseCode } from "../../raise-code.ts";
import { Row } from "../../row.ts";
import { isNullAware, type JoinTable, joinState, stateAddress } from "./join-table.ts";
import { absentRowAddress, buildRow, paddedRow, residualScope, unlessMatch } from "./joined-row.ts";
import { eachCandidate, lookUp, type Probe, stateField, unlessKeysEqual } from "./probe.ts";

/** probeSemi, probeAnti: the probe row, if it has a match or if it has none. */
export const consumeExistence = (
  pipeline: PipelineBuilder,
  table: JoinTable,
  row: Row,
  consumer: Consumer,
  turns?: ProbeTurns,
): void => {
  const { code } = pipeline;
  const { fn } = code;
  const isAnti = table.plan.joinKind === "probeAnti";
  const probe = lookUp(pipeline, table, row);
  const found = findMatch(code, table, probe, row);
  const pushPasses = (): void => {
    fn.get(found);
    if (isAnti) fn.op("i32.eqz");
  };
  if (turns === undefined) {
    pushPasses();
  } else {
    // With a match in an earlier turn the row went on then, or never will.
    const before = fn.local("i32");
    pushRemembered(code, turns);
    fn.tee(before);
    fn.op("i32.eqz");
    pushPasses();
    fn.op("i32.and");
    if (isAnti) {
      fn.get(turns.isLast);
      fn.op("i32.and");
    }
    fn.get(before);
    fn.get(found);
    fn.op("i32.or");
    fn.set(before);
    remember(code, turns, before);
  }
  fn.if(() => {
    pipeline.countRow(table.plan.operatorId);
    consumer.consume(pipeline, row);
  });
};

/** 1 if a candidate matches, otherwise 0. */
const findMatch = (code: Code, table: JoinTable, probe: Probe, row: Row): Local => {
  const { fn } = code;
  const found = fn.local("i32");
  fn.i32(0);
  fn.set(found);
  const walk = (): void => walkChain(code, table, probe, row, found);
  if (table.index === undefined || !table.asksOnlyWhether) {
    walk();
    return found;
  }
  fn.get(stateField(code, table, "ranks"));
  fn.if(() => {
    fn.get(probe.entry);
    fn.set(found);
  }, walk);
  return found;
};

/** Sets `found` to 1 at the first candidate that matches. */
const walkChain = (code: Code, table: JoinTable, probe: Probe, row: Row, found: Local): void => {
  const { fn } = code;
  eachCandidate(code, probe, (done) => {
    fn.block((skip) => {
      unlessMatch(code, table, probe, row, buildRow(code, table, probe.entry), skip);
      fn.i32(1);
      fn.set(found);
      fn.br(done);
    });
  });
};

/** single: the match or NULLs; a second match raises. */
export const consumeSingle = (
  pipeline: PipelineBuilder,
  table: JoinTable,
  row: Row,
  consumer: Consumer,
  turns?: ProbeTurns,
): void => {
  const { code } = pipeline;
  const { fn } = code;
  const { operatorId } = table.plan;
  const probe = lookUp(pipeline, table, row);
  const [address, absent] = [fn.local("i32"), fn.local("i32")];
  fn.get(absentRowAddress(code, table));
  fn.set(address);
  fn.i32(1);
  fn.set(absent);
  eachCandidate(code, probe, () => {
    fn.block((skip) => {
      unlessMatch(code, table, probe, row, buildRow(code, table, probe.entry), skip);
      fn.get(absent);
      fn.op("i32.eqz");
      fn.if(() => code.raise(operatorRaiseCode.tooManyRows, operatorId));
      fn.get(probe.entry);
      fn.set(address);
      fn.i32(0);
      fn.set(absent);
    });
  });
  const pass = (): void => {
    pipeline.countRow(operatorId);
    consumer.consume(pipeline, paddedRow(code, table, row, address, absent));
  };
  if (turns === undefined) {
    pass();
    return;
  }
  // The row goes on with its match; without one, in the last turn.
  const [before, found] = [fn.local("i32"), fn.local("i32")];
  pushRemembered(code, turns);
  fn.set(before);
  fn.get(absent);
  fn.op("i32.eqz");
  fn.tee(found);
  fn.get(before);
  fn.op("i32.and");
  fn.if(() => code.raise(operatorRaiseCode.tooManyRows, operatorId));
  fn.get(found);
  fn.get(before);
  fn.op("i32.or");
  fn.set(before);
  remember(code, turns, before);
  fn.get(found);
  fn.get(before);
  fn.op("i32.eqz");
  fn.get(turns.isLast);
  fn.op("i32.and");
  fn.op("i32.or");
  fn.if(pass);
};

/** mark: every probe row, with whether a match exists in three-valued logic. */
export const consumeMark = (
  pipeline: PipelineBuilder,
  table: JoinTable,
  row: Row,
  consumer: Consumer,
  turns?: ProbeTurns,
): void => {
  const { code } = pipeline;
  const { plan } = table;
  const probe = lookUp(pipeline, table, row);
  const mark = isNullAware(plan)
    ? nullAwareMark(code, table, probe, row, turns)
    : residualMark(code, table, probe, row, turns);
  inLastTurn(code, turns, () => {
    pipeline.countRow(plan.operatorId);
    const sources = new Map(
      plan.probe.columns.filter(({ id }) => row.has(id)).map(({ id }) => [id, row.source(id)] as const),
    );
    sources.set(plan.mark!.id, { load: () => mark, stable: true });
    consumer.consume(pipeline, new Row(sources));
  });
};

/** `key IN (build keys)`: NULL if nothing matches, but a NULL key on either side might have. */
const nullAwareMark = (code: Code, table: JoinTable, probe: Probe, row: Row, turns: ProbeTurns | undefined): Value => {
  const { fn } = code;
  const key = table.plan.keys[0]!;
  const found = findMatch(code, table, probe, row);
  if (turns !== undefined) {
    pushRemembered(code, turns);
    fn.get(found);
    fn.op("i32.or");
    fn.set(found);
    remember(code, turns, found);
  }
  if (!key.build.nullable && !key.probe.nullable) return { storage: "bool", locals: [found], isNull: undefined };
  const state = stateAddress(code, table.state);
  const isNull = fn.local("i32");
  // Not found, and: the build side has a NULL key, or the probe's key is NULL and there are build rows at all.
  fn.get(state);
  fn.mem("i32.load", joinState.nullKey);
  if (probe.nullKey !== undefined) {
    fn.get(code.states);
    fn.mem("i64.load", table.rowCount);
    fn.i64(0);
    fn.op("i64.ne");
    fn.get(probe.nullKey);
    fn.op("i32.and");
    fn.op("i32.or");
  }
  fn.get(found);
  fn.op("i32.eqz");
  fn.op("i32.and");
  fn.set(isNull);
  return { storage: "bool", locals: [found], isNull };
};

/** TRUE if the residual is TRUE for a row of equal keys, else NULL if it is NULL for one. */
const residualMark = (code: Code, table: JoinTable, probe: Probe, row: Row, turns: ProbeTurns | undefined): Value => {
  const { fn } = code;
  const { residual } = table.plan;
  const [found, unknown] = [fn.local("i32"), fn.local("i32")];
  for (const flag of [found, unknown]) {
    fn.i32(0);
    fn.set(flag);
  }
  eachCandidate(code, probe, (done) => {
    fn.block((skip) => {
      unlessKeysEqual(code, table, probe, skip);
      const candidate = buildRow(code, table, probe.entry);
      const value = compileExpression(residual, residualScope(code, table, row, candidate));
      if (value.isNull !== undefined) {
        fn.get(value.isNull);
        fn.if(() => {
          fn.i32(1);
          fn.set(unknown);
          fn.br(skip);
        });
      }
      fn.get(only(value));
      fn.op("i32.eqz");
      fn.brIf(skip);
      fn.i32(1);
      fn.set(found);
      fn.i32(0);
      fn.set(unknown);
      fn.br(done);
    });
  });
  if (turns !== undefined) joinEarlierTurns(code, turns, found, unknown);
  return { storage: "bool", locals: [found], isNull: residual.nullable ? unknown : undefined };
};

/** Takes in what was found and unknown before, as bits 1 and 2. */
const joinEarlierTurns = (code: Code, turns: ProbeTurns, found: Local, unknown: Local): void => {
  const { fn } = code;
  const bits = fn.local("i32");
  pushRemembered(code, turns);
  fn.get(found);
  fn.op("i32.or");
  fn.get(unknown);
  fn.i32(1);
  fn.op("i32.shl");
  fn.op("i32.or");
  fn.set(bits);
  remember(code, turns, bits);
  fn.get(bits);
  fn.i32(1);
  fn.op("i32.and");
  fn.set(found);
  fn.get(bits);
  fn.i32(2);
  fn.op("i32.eq");
  fn.set(unknown);
};
