export * from "./aggregate.ts";
export * from "./data-type.ts";
export * from "./expression.ts";
export * from "./logical-plan.ts";
export * from "./physical-plan.ts";
export * from "./query-error.ts";
export * from "./table.ts";
export * from "./value.ts";
