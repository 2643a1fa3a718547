import type { Column, DataType, PhysicalPlan } from "@headcut/plan";
import { MAX_DECIMAL64_PRECISION } from "@headcut/plan";

/** Bytes of a text whose length is not known: a guess, as all of this. */
const TEXT_BYTES = 20;

const typeBytes = (type: DataType): number => {
  switch (type.kind) {
    case "null":
      return 0;
    case "boolean":
    case "int8":
    case "uint8":
      return 1;
    case "int16":
    case "uint16":
      return 2;
    case "int32":
    case "uint32":
    case "float":
    case "date":
      return 4;
    case "int64":
    case "uint64":
    case "double":
    case "time":
    case "timestamp":
      return 8;
    case "decimal":
      return type.precision <= MAX_DECIMAL64_PRECISION ? 8 : 16;
    case "interval":
    case "uuid":
      return 16;
    case "varchar":
    case "blob":
      return TEXT_BYTES;
  }
};

/** Bytes of a row as it travels. */
export const rowBytes = (columns: readonly Column[]): number =>
  columns.reduce((sum, { type, nullable }) => sum + typeBytes(type) + (nullable ? 1 / 8 : 0), 0);

/** Bytes a plan is expected to put out. */
export const outputBytes = (plan: PhysicalPlan): number => plan.estimatedRows * Math.max(1, rowBytes(plan.columns));
