import type { ColumnId } from "@headcut/plan";
import { compilePredicate } from "../../../expressions/compile-expression.ts";
import type { Label, Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import { materializedRow } from "../../materialized.ts";
import { type ColumnSource, Row } from "../../row.ts";
import { type Field, loadField } from "../../row-layout.ts";
import { isTrue, type JoinTable, stateAddress } from "./join-table.ts";
import type { Probe } from "./probe.ts";
import { unlessKeysEqual } from "./probe.ts";

/** The columns of a build row alone. */
export const buildRow = (code: Code, { columns, lasting, leaders }: JoinTable, address: Local): Row => {
  if (!lasting) return materializedRow(code, columns, address, false);
  const source = (id: ColumnId, field: Field): ColumnSource => {
    const load = () => loadField(code, field, address);
    const kept = { row: address, loadApart: load };
    if (leaders?.leaders.columns.has(id) !== true) return { load, stable: true, kept };
    const pushAddress = (): void => {
      code.fn.get(address);
      code.fn.mem("i32.load", leaders.field.offset);
    };
    return { load, stable: true, kept, leader: { leaders: leaders.leaders, pushAddress } };
  };
  return new Row(new Map([...columns].map(([id, field]) => [id, source(id, field)])));
};

/** The probe row's columns with those of `build`, whose loads code of both sides shares. */
export const joinedRow = (table: JoinTable, probe: Row, build: Row): Row => {
  const sources = new Map<ColumnId, ColumnSource>();
  for (const { id } of table.plan.probe.columns) if (probe.has(id)) sources.set(id, probe.source(id));
  for (const id of table.columns.keys()) sources.set(id, build.source(id));
  return new Row(sources);
};

/**
 * The probe row's columns with those of the build row at `address`, or NULLs where `absent` is 1. `address` is then that of the row
 * of zeros, so that columns are loaded without a branch.
 */
export const paddedRow = (code: Code, table: JoinTable, probe: Row, address: Local, absent: Local): Row => {
  const { fn } = code;
  const sources = new Map<ColumnId, ColumnSource>();
  for (const { id } of table.plan.probe.columns) if (probe.has(id)) sources.set(id, probe.source(id));
  for (const [id, field] of table.columns) {
    const load = () => {
      const value = loadField(code, field, address);
      if (value.isNull === undefined) return { ...value, isNull: absent };
      const isNull = fn.local("i32");
      fn.get(value.isNull);
      fn.get(absent);
      fn.op("i32.or");
      fn.set(isNull);
      return { ...value, isNull };
    };
    sources.set(id, { load, stable: table.lasting });
  }
  return new Row(sources);
};

export const absentRowAddress = (code: Code, { absentRow }: JoinTable): Local => stateAddress(code, absentRow);

/** The scope of the residual for the candidate: columns of the probe row, which are loaded, and of the build row, loaded here. */
export const residualScope = (code: Code, table: JoinTable, probe: Row, build: Row) => {
  const { plan } = table;
  build.load([...expressionColumns(plan.residual)].filter((id) => table.columns.has(id)));
  return code.scope(plan.operatorId, (id) => (table.columns.has(id) ? build.column(id) : probe.column(id)));
};

/** Branches to `label` unless the candidate matches: keys equal and the residual TRUE. */
export const unlessMatch = (
  code: Code,
  table: JoinTable,
  probe: Probe,
  probeRow: Row,
  candidate: Row,
  label: Label,
): void => {
  const { fn } = code;
  const { residual } = table.plan;
  unlessKeysEqual(code, table, probe, label);
  if (isTrue(residual)) return;
  compilePredicate(residual, residualScope(code, table, probeRow, candidate));
  fn.op("i32.eqz");
  fn.brIf(label);
};
