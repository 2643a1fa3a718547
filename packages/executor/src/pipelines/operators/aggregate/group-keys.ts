import { type ColumnId, type DataType, type Expression, int32, type PhysicalAggregate } from "@headcut/plan";
import { only } from "../../../expressions/value.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { LeaderKey, Leaders } from "../../leader-plan.ts";
import type { ColumnSource } from "../../row.ts";
import { type Field, type FieldShape, fieldShape, loadField } from "../../row-layout.ts";

/** What groups are told apart by: a key's value, or the address of the build row that leads those alike in some of the keys. */
export type GroupKey =
  | { readonly kind: "value"; readonly type: DataType; readonly id: ColumnId; readonly expression: Expression }
  | { readonly kind: "leader"; readonly type: DataType; readonly key: LeaderKey };

/** Where the columns of a join's build rows lie. */
export type LeaderFields = (leaders: Leaders) => ReadonlyMap<ColumnId, Field>;

export const groupKeysOf = ({ groups }: PhysicalAggregate, leaderKeys: readonly LeaderKey[]): readonly GroupKey[] => [
  ...leaderKeys.map((key): GroupKey => ({ kind: "leader", type: int32, key })),
  ...groups
    .filter(({ id }) => !leaderKeys.some(({ columns }) => columns.has(id)))
    .map(({ id, expression }): GroupKey => ({ kind: "value", type: expression.type, id, expression })),
];

export const keyShape = (key: GroupKey): FieldShape =>
  key.kind === "value" ? fieldShape(key.expression) : { storage: "int32", nullable: false };

/** The output columns that the key in `field` of the group at `row` stands for. */
export const keySources = (
  code: Code,
  key: GroupKey,
  field: Field,
  row: Local,
  lasting: boolean,
  leaderFields: LeaderFields,
): readonly (readonly [ColumnId, ColumnSource])[] => {
  if (key.kind === "value") return [[key.id, { load: () => loadField(code, field, row), stable: lasting }]];
  const { leaders, columns } = key.key;
  const fields = leaderFields(leaders);
  const pushAddress = (): void => {
    code.fn.get(row);
    code.fn.mem("i32.load", field.offset);
  };
  return [...columns].map(([id, column]) => {
    const load = () => loadField(code, fields.get(column)!, only(loadField(code, field, row)));
    return [id, { load, stable: lasting, leader: { leaders, pushAddress } }];
  });
};
