import { type DataType, integerLayout, isInteger, unreachable } from "@headcut/plan";

/** How a column's values lie in Arrow's buffers, by which a record batch is taken apart. */
export type ColumnLayout =
  /** No buffers. */
  | { readonly kind: "none" }
  /** Validity, bits. */
  | { readonly kind: "bits" }
  /** Validity, values of this many bytes each; read as numbers of `align` bytes. */
  | { readonly kind: "fixed"; readonly bytes: number; readonly align: number }
  /** Validity, offsets, bytes. */
  | { readonly kind: "variable" };

export const columnLayout = (type: DataType): ColumnLayout => {
  if (isInteger(type)) {
    const bytes = integerLayout(type.kind).bits / 8;
    return { kind: "fixed", bytes, align: bytes };
  }
  switch (type.kind) {
    case "null":
      return { kind: "none" };
    case "boolean":
      return { kind: "bits" };
    case "float":
    case "date":
      return { kind: "fixed", bytes: 4, align: 4 };
    case "double":
    case "time":
    case "timestamp":
      return { kind: "fixed", bytes: 8, align: 8 };
    case "decimal":
    case "interval":
      return { kind: "fixed", bytes: 16, align: 8 };
    case "uuid":
      return { kind: "fixed", bytes: 16, align: 1 };
    case "varchar":
    case "blob":
      return { kind: "variable" };
    default:
      return unreachable(type);
  }
};
