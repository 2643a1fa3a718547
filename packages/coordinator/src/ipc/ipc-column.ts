import type { Column } from "@headcut/plan";

/** What Arrow's schema says of a column. */
export type IpcColumn = Pick<Column, "name" | "type" | "nullable">;
