import {
  type Column,
  type ColumnId,
  columnRef,
  type LogicalPlan,
  type LogicalSetOperation,
  type LogicalValues,
} from "@headcut/plan";
import { columnsOf } from "../traverse/plan.ts";
import { asEquality, equalityLink, outerColumnsOf } from "./links.ts";
import { passAll, type Unnested, type Unnesting, withDomain } from "./unnested.ts";

/** Per outer column, the one plain column that an `=` link equates it with; undefined if the links are not like that. */
const plainEqualities = (unnested: Unnested, outer: ReadonlySet<ColumnId>): Map<ColumnId, Column> | undefined => {
  const columns = new Map<ColumnId, Column>();
  for (const link of unnested.links) {
    const equality = asEquality(link, outer);
    if (equality?.outer.kind !== "column" || equality.inner.kind !== "column") return undefined;
    if (equality.nullSafe || columns.has(equality.outer.id)) return undefined;
    columns.set(equality.outer.id, equality.inner);
  }
  return columns;
};

/** Both sides of a set operation say with the same columns which binding a row belongs to; these are compared as well. */
export const unnestSetOperation = (plan: LogicalSetOperation, unnesting: Unnesting): Unnested => {
  const { outer, ids } = unnesting;
  let sides = [unnesting.descend(plan.left), unnesting.descend(plan.right)];
  const plain = sides.map((side) => plainEqualities(side, outer));
  const used = outerColumnsOf(
    sides.flatMap((side) => side.links),
    outer,
  );
  let keys: ReadonlyMap<ColumnId, Column>[];
  const nullSafe = !plain.every((columns) => columns !== undefined && columns.size === used.size);
  if (nullSafe) {
    const closed = sides.map((side) => withDomain(side, unnesting));
    sides = closed;
    keys = closed.map(({ columns }) => columns);
  } else keys = plain.map((columns) => columns!);
  const bindings = [...keys[0]!].map(([outerId, column]) => ({
    outerId,
    column: {
      id: ids.next(),
      name: column.name,
      type: column.type,
      nullable: column.nullable || keys[1]!.get(outerId)!.nullable,
    },
  }));
  const inputs = sides.map((side, i): LogicalPlan => {
    const original = columnsOf(i === 0 ? plan.left : plan.right);
    const added = bindings.map(({ outerId, column }) => ({
      id: ids.next(),
      name: column.name,
      expression: columnRef(keys[i]!.get(outerId)!),
    }));
    return { kind: "project", input: side.plan, projections: [...passAll(original), ...added] };
  });
  return {
    plan: {
      ...plan,
      left: inputs[0]!,
      right: inputs[1]!,
      columns: [...plan.columns, ...bindings.map(({ column }) => column)],
    },
    links: bindings.map(({ outerId, column }) =>
      equalityLink({ outer: columnRef({ ...column, id: outerId }), inner: columnRef(column), nullSafe }),
    ),
  };
};

/** VALUES as projections of a single row, united: so that what its rows compute is in an operator like any other. */
export const valuesAsProjections = (plan: LogicalValues, { ids }: Unnesting): LogicalPlan => {
  const projected = (row: LogicalValues["rows"][number], columns: readonly Column[]): LogicalPlan => ({
    kind: "project",
    input: { kind: "values", columns: [], rows: [[]] },
    projections: columns.map(({ id, name }, i) => ({ id, name, expression: row[i]! })),
  });
  const fresh = (): readonly Column[] => plan.columns.map((column) => ({ ...column, id: ids.next() }));
  const [first, ...rest] = plan.rows;
  if (first === undefined || rest.length === 0) return first === undefined ? plan : projected(first, plan.columns);
  return rest.reduce<LogicalPlan>(
    (left, row, i) => ({
      kind: "setOperation",
      op: "union",
      all: true,
      left,
      right: projected(row, fresh()),
      columns: i === rest.length - 1 ? plan.columns : fresh(),
    }),
    projected(first, fresh()),
  );
};
