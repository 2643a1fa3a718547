import { type ColumnId, type PhysicalCteScan, type PhysicalPlan, physicalInputs } from "@headcut/plan";
import type { CompiledPipeline, CompiledSpool, PipelineSource } from "./compiled-pipeline.ts";
import { type LeaderPlan, type Leaders, planLeaders } from "./leader-plan.ts";
import { PipelineBuilder } from "./pipeline-builder.ts";
import type { Row } from "./row.ts";
import type { Field } from "./row-layout.ts";
import { runtimeFilter } from "./runtime-filter.ts";
import { planRuntimeFilters, type RuntimeFilterPlan } from "./runtime-filter-plan.ts";
import { streamedUnions } from "./streamed-unions.ts";

/** What an operator's output flows into: the operator above, up to the sink. */
export interface Consumer {
  /** The columns it may load. */
  readonly needs: ReadonlySet<ColumnId>;
  /**
   * Emits the code that takes one row. Called once for each pipeline that ends here: an operator that makes rows in several places
   * of a pipeline brings them together first, so that code is never duplicated.
   */
  consume(pipeline: PipelineBuilder, row: Row): void;
}

/** Emits the pipelines that make the plan's rows, ending in the consumer's code. */
export type Produce<Plan extends PhysicalPlan> = (query: QueryBuilder, plan: Plan, consumer: Consumer) => void;

/** Emits a pipeline that reads a CTE's rows, wherever they are kept. */
export type ReadCte = (scan: PhysicalCteScan, consumer: Consumer) => void;

/** A query under construction: its pipelines in execution order, and the layout of the states block they share. */
export class QueryBuilder {
  readonly produce: Produce<PhysicalPlan>;
  /** How the rows of each CTE are read, by `cteId`. */
  readonly ctes = new Map<number, ReadCte>();
  /** What scans learn from joins. */
  readonly runtimeFilters: RuntimeFilterPlan;
  /** Which build rows find a leader, for whom. */
  readonly leaders: LeaderPlan;
  /** Where the columns of rows that leaders are among lie; known once the join's table is planned. */
  readonly leaderFields = new Map<Leaders, ReadonlyMap<ColumnId, Field>>();
  /** The operators, by operatorId, that put their rows on disk when they are many. */
  readonly spilling: ReadonlySet<number>;
  /** The aggregations of these that sort what they keep of their groups. */
  readonly sorting: ReadonlySet<number>;
  /** Unions whose inputs fill their sinks before a row goes to the result, so that the query can still start again. */
  readonly patientUnions: ReadonlySet<PhysicalPlan>;
  /** Operators of plans that are made here and that no kind of plan is for: how they are produced. */
  readonly special = new Map<PhysicalPlan, (consumer: Consumer) => void>();
  /** Operators that are part of others' execution, each with the one that it is part of: by operatorId, from the plan's highest on. */
  readonly hidden: number[] = [];
  /** In the order of their files. */
  readonly spools: CompiledSpool[] = [];
  private readonly pipelines: PipelineBuilder[] = [];
  private readonly spills: Set<number>;
  private readonly together: { readonly first: PipelineBuilder; readonly last: PipelineBuilder }[] = [];
  private usedStateBytes = 0;
  private arenaCount = 0;

  private readonly operatorCount: number;
  private madeIds = 0;

  constructor(
    produce: Produce<PhysicalPlan>,
    plan: PhysicalPlan,
    spilling: ReadonlySet<number>,
    sorting: ReadonlySet<number> = new Set(),
  ) {
    this.produce = (query, node, consumer) => {
      const special = this.special.get(node);
      if (special === undefined) produce(query, node, consumer);
      else special(consumer);
    };
    this.operatorCount = highestOperatorId(plan) + 1;
    this.spills = new Set(spilling);
    this.spilling = this.spills;
    this.sorting = sorting;
    this.patientUnions = new Set(streamedUnions(plan).unlimited);
    this.runtimeFilters = planRuntimeFilters(plan, () => this.state(runtimeFilter.bytes), spilling);
    this.leaders = planLeaders(plan, spilling);
  }

  /** Offset of `bytes` in the states block, zero when the query starts, 16-aligned. */
  state(bytes: number): number {
    const offset = this.usedStateBytes;
    this.usedStateBytes = (offset + bytes + 15) & ~15;
    return offset;
  }

  /** An operatorId for what is made in this one's place, and is on disk. */
  hide(operatorId: number): number {
    const id = this.operatorCount + this.hidden.length;
    this.hidden.push(operatorId);
    this.spills.add(id);
    return id;
  }

  /** Another id for a column or a CTE of plans that are made here; those of the planner are not negative. */
  madeId(): number {
    return --this.madeIds;
  }

  /** The plan's operator that this one is, or is part of. */
  ownerOf = (operatorId: number): number => this.hidden[operatorId - this.operatorCount] ?? operatorId;

  get allOperators(): number {
    return this.operatorCount + this.hidden.length;
  }

  get stateBytes(): number {
    return this.usedStateBytes;
  }

  /** An arena of each thread for pipelines that empty it before the query ends. */
  arena(): number {
    return ++this.arenaCount;
  }

  get arenas(): number {
    return this.arenaCount;
  }

  /** A new pipeline, to run after all that exist. */
  open(source: PipelineSource): PipelineBuilder {
    const pipeline = new PipelineBuilder(source);
    this.pipelines.push(pipeline);
    return pipeline;
  }

  /** How many pipelines there are. */
  get size(): number {
    return this.pipelines.length;
  }

  /** These and what lies between them are run in this order, with nothing else between. */
  keepTogether(first: PipelineBuilder, last: PipelineBuilder): void {
    this.together.push({ first, last });
  }

  /**
   * The pipelines opened since `starts[0]`, of several inputs, each from its start on: what an input does before its first pipeline that is `emitting` comes before
   * anything that is. The last one stays the last.
   */
  sinksFirst(starts: readonly number[], emitting: ReadonlySet<PipelineBuilder>): void {
    const head: PipelineBuilder[] = [];
    const tail: PipelineBuilder[] = [];
    starts.forEach((start, i) => {
      const own = this.pipelines.slice(start, starts[i + 1]);
      const found = own.findIndex((pipeline) => emitting.has(pipeline));
      let cut = found < 0 ? own.length : found;
      for (const { first, last } of this.together) {
        if (own.indexOf(last) >= cut && own.includes(first)) cut = Math.min(cut, own.indexOf(first));
      }
      head.push(...own.slice(0, cut));
      tail.push(...own.slice(cut));
    });
    this.pipelines.splice(starts[0]!, this.pipelines.length, ...head, ...tail);
  }

  /** The pipeline opened last: a sink adds its closing phases to it, once all its input is produced. */
  get last(): PipelineBuilder {
    return this.pipelines.at(-1)!;
  }

  finish(): CompiledPipeline[] {
    return this.pipelines.map((pipeline) => pipeline.finish((first) => this.pipelines.indexOf(first)));
  }
}

const highestOperatorId = (plan: PhysicalPlan): number =>
  Math.max(plan.operatorId, ...physicalInputs(plan).map(highestOperatorId));
