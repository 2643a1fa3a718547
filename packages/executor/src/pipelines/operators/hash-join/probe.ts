import { emitComparison, emitEquals } from "../../../expressions/comparison.ts";
import { compileExpression } from "../../../expressions/compile-expression.ts";
import { emitHash } from "../../../expressions/hash.ts";
import { anyNull, only, type Value } from "../../../expressions/value.ts";
import type { Label, Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import { pushElement } from "../../loops.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Row } from "../../row.ts";
import { loadField } from "../../row-layout.ts";
import { filterNarrow, filterWide } from "../../runtime-filter.ts";
import type { KeyFilter } from "../../runtime-filter-plan.ts";
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
  const emitByHash = (): void => {
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
  const emit = (): void => {
    if (table.index === undefined) {
      emitByHash();
      return;
    }
    const { index } = table;
    fn.get(stateField(code, table, "ranks"));
    fn.if(() => {
      pushRankedHead(code, table, index, keys[0]!);
      fn.set(entry);
    }, emitByHash);
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
const pushHead = (code: Code, table: JoinTable, hash: Local): void => {
  const { fn } = code;
  const head = fn.local("i32");
  fn.get(stateField(code, table, "directory"));
  fn.get(hash);
  fn.get(stateField(code, table, "mask"));
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

/** A field of the state, loaded once at the function's entry. */
export const stateField = (code: Code, { state }: JoinTable, name: "directory" | "mask" | "ranks"): Local => {
  const address = stateAddress(code, state);
  return code.atEntry(`join ${state} ${name}`, () => {
    code.fn.get(address);
    code.fn.mem("i32.load", joinState[name]);
  });
};

/** The chain's first row by the key's rank, or 0; where probes only ask whether there is one: 1 or 0. */
const pushRankedHead = (code: Code, table: JoinTable, index: KeyFilter, key: Value): void => {
  const { fn } = code;
  const [bit, bits] = [fn.local("i64"), fn.local("i64")];
  const word = fn.local("i32");
  fn.get(only(key));
  if (index.keyBytes === 4) fn.op("i64.extend_i32_s");
  fn.get(filterWide(code, index, "min"));
  fn.op("i64.sub");
  fn.tee(bit);
  fn.get(filterWide(code, index, "range"));
  fn.op("i64.le_u");
  fn.if(
    () => {
      fn.get(bit);
      fn.i64(6);
      fn.op("i64.shr_u");
      fn.op("i32.wrap_i64");
      fn.set(word);
      pushElement(fn, filterNarrow(code, index, "bits"), word, 8);
      fn.mem("i64.load");
      fn.tee(bits);
      // Shifts take their count modulo 64.
      fn.get(bit);
      fn.op("i64.shr_u");
      fn.op("i32.wrap_i64");
      fn.i32(1);
      fn.op("i32.and");
      if (table.asksOnlyWhether) return;
      fn.if(
        () => {
          fn.get(stateField(code, table, "directory"));
          pushElement(fn, stateField(code, table, "ranks"), word, 4);
          fn.mem("i32.load");
          fn.get(bits);
          fn.i64(-1);
          fn.get(bit);
          fn.op("i64.shl");
          fn.i64(-1);
          fn.op("i64.xor");
          fn.op("i64.and");
          fn.op("i64.popcnt");
          fn.op("i32.wrap_i64");
          fn.op("i32.add");
          fn.i32(2);
          fn.op("i32.shl");
          fn.op("i32.add");
          fn.mem("i32.load");
        },
        () => fn.i32(0),
        "i32",
      );
    },
    () => fn.i32(0),
    "i32",
  );
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
