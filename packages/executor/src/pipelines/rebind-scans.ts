import { type PhysicalPlan, physicalInputs, type Table, type TableSource } from "@headcut/plan";
import type { CompiledQuery, PipelineSource } from "./compiled-pipeline.ts";

type ScanSource = Extract<PipelineSource, { readonly kind: "scan" | "runs" }>;

/** What was compiled, for a plan that differs from the compiled one in what its scans read, and in nothing else. */
export const rebindScans = (compiled: CompiledQuery, plan: PhysicalPlan): CompiledQuery => {
  const tables = new Map<number, Table>();
  const visit = (node: PhysicalPlan): void => {
    if (node.kind === "scan") tables.set(node.operatorId, node.table);
    for (const input of physicalInputs(node)) visit(input);
  };
  visit(plan);
  return {
    ...compiled,
    pipelines: compiled.pipelines.map((pipeline) => {
      const { source } = pipeline;
      return source.kind === "scan" || source.kind === "runs"
        ? { ...pipeline, source: rebound(source, tables.get(source.operatorId)!) }
        : pipeline;
    }),
  };
};

/** Sources stand for their tables' content: the same one for the same files, so that what is known of it is found again. */
const known = new WeakMap<ScanSource, WeakMap<TableSource, ScanSource>>();

const rebound = (source: ScanSource, table: Table): ScanSource => {
  const made = known.get(source) ?? new WeakMap<TableSource, ScanSource>();
  known.set(source, made);
  const found = made.get(table.source);
  if (found !== undefined) return found;
  const fresh: ScanSource = { ...source, table };
  made.set(table.source, fresh);
  return fresh;
};
