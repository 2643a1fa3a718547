import { emitComparison, emitEquals } from "../../../expressions/comparison.ts";
import { compileExpression } from "../../../expressions/compile-expression.ts";
import { emitHash } from "../../../expressions/hash.ts";
import { anyNull, type Value } from "../../../expressions/value.ts";
import type { Label, Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Row } from "../../row.ts";
import { loadField } from "../../row-layout.ts";
import { type JoinTable, joinRow, joinState, stateAddress } from "./join-table.ts";

/** The probe row's keys, and the chain of build rows that may match it. */
export interface Probe {
  readonly keys: readonly Value[];
  /** Where a key of a comparison that is not null-safe is NULL. */
  readonly nullKey: Local | undefined;
  readonly hash: Local;
  /** Address of the chain's first row, 0 for none; code may move it along. */
  readonly entry: Local;
}

/** Computes the keys and looks up their chain. Loads what the residual needs of the probe row, outside of the chain's loop. */
export const lookUp = ({ code }: PipelineBuilder, table: JoinTable, row: Row): Probe => {
  const { fn } = code;
  const { plan } = table;
  const expressions = plan.keys.map(({ probe }) => probe);
  row.load(expressionColumns(...expressions));
  row.load([...expressionColumns(plan.residual)].filter((id) => !table.columns.has(id)));
  const scope = code.scope(plan.operatorId, row.column);
  const keys = expressions.map((expression) => compileExpression(expression, scope));
  const nullKey = anyNull(
    fn,
    keys.filter((_, i) => !plan.keys[i]!.nullSafe),
  );
  const hash = fn.local("i32");
  const entry = fn.local("i32");
  const emit = (): void => {
    emitHash(
      scope,
      keys,
      expressions.map(({ type }) => type),
    );
    fn.op("i32.wrap_i64");
    fn.set(hash);
    pushHead(code, table, hash);
    fn.set(entry);
  };
  if (nullKey === undefined) {
    emit();
  } else {
    fn.get(nullKey);
    fn.if(() => {
      fn.i32(0);
      fn.set(entry);
    }, emit);
  }
  return { keys, nullKey, hash, entry };
};

/** The chain's first row, or 0 if the directory's Bloom bits rule a match out. */
const pushHead = (code: Code, { state }: JoinTable, hash: Local): void => {
  const { fn } = code;
  const field = (name: "directory" | "mask"): Local => {
    const address = stateAddress(code, state);
    return code.atEntry(`join ${state} ${name}`, () => {
      fn.get(address);
      fn.mem("i32.load", joinState[name]);
    });
  };
  const head = fn.local("i32");
  fn.get(field("directory"));
  fn.get(hash);
  fn.get(field("mask"));
  fn.op("i32.and");
  fn.i32(2);
  fn.op("i32.shl");
  fn.op("i32.add");
  fn.mem("i32.load");
  fn.tee(head);
  fn.i32(-16);
  fn.op("i32.and");
  fn.i32(0);
  fn.get(head);
  fn.get(hash);
  fn.i32(30);
  fn.op("i32.shr_u");
  fn.op("i32.shr_u");
  fn.i32(1);
  fn.op("i32.and");
  fn.op("select");
};

/** For each row of the chain: `br done` leaves the loop; falling off the end of the body goes on to the next row. */
export const eachCandidate = (code: Code, { entry }: Probe, body: (done: Label) => void): void => {
  const { fn } = code;
  fn.block((done) => {
    fn.get(entry);
    fn.op("i32.eqz");
    fn.brIf(done);
    fn.loop((next) => {
      body(done);
      nextCandidate(code, entry);
      fn.get(entry);
      fn.op("i32.eqz");
      fn.brIf(done);
      // Most chains end before this; but many equal keys, or a join without keys, make them as long as the build side.
      code.checkCancelled();
      fn.br(next);
    });
  });
};

export const nextCandidate = ({ fn }: Code, entry: Local): void => {
  fn.get(entry);
  fn.mem("i32.load", joinRow.next);
  fn.set(entry);
};

/** Branches to `label` unless the candidate's keys equal the probe row's. */
export const unlessKeysEqual = (code: Code, table: JoinTable, probe: Probe, label: Label): void => {
  const { fn } = code;
  const { plan } = table;
  const costly =
    probe.keys.length > 2 || probe.keys.some(({ storage }) => storage === "string" || storage === "int128");
  if (costly) {
    fn.get(probe.entry);
    fn.mem("i32.load", joinRow.hash);
    fn.get(probe.hash);
    fn.op("i32.ne");
    fn.brIf(label);
  }
  plan.keys.forEach(({ build: { type }, nullSafe }, i) => {
    const key = probe.keys[i]!;
    const scope = code.scope(plan.operatorId);
    if (nullSafe) {
      emitEquals(scope, loadField(code, table.keyFields[i]!, probe.entry), key, type, true);
    } else {
      // NULL is not in the chains, and a NULL is not looked up.
      const field = { ...table.keyFields[i]!, nullOffset: undefined };
      emitComparison(scope, "eq", loadField(code, field, probe.entry), key, type);
    }
    fn.op("i32.eqz");
    fn.brIf(label);
  });
};

/** Notes in the build row that it was matched. */
export const markMatched = ({ fn }: Code, { entry }: Probe): void => {
  // Many threads may match the same row: writing only once keeps its cache line shared.
  fn.get(entry);
  fn.mem("i32.load8_u", joinRow.matched);
  fn.op("i32.eqz");
  fn.if(() => {
    fn.get(entry);
    fn.i32(1);
    fn.mem("i32.store8", joinRow.matched);
  });
};
