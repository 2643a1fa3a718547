import type { Engine } from "@headcut/executor";
import { type PhysicalPlan, physicalInputs, QueryError, type Table } from "@headcut/plan";
import type { ScanSource } from "../cut/bind-fragment.ts";
import type { Fragment } from "../cut/fragment.ts";
import { wireColumns } from "../exchange/wire-columns.ts";
import { InputLost } from "./attempt-failure.ts";
import { inParallel } from "./in-parallel.ts";
import type { QueryAccount } from "./query-account.ts";
import { type InputSource, isOwn, readInput } from "./read-input.ts";
import { scansOf } from "./scans-of.ts";
import { type InputStream, type ReadOutput, streamInput } from "./stream-input.ts";
import type { InputAt } from "./task-codec.ts";

/** Inputs of a task: in the engine's memory, or to be read while its plan runs. */
export interface LoadedInputs {
  /** By operator id of the scans that read them. */
  readonly sources: ReadonlyMap<number, ScanSource>;
  readonly tableBytes: number;
  /** Some are still to be read: their producers are needed until the plan has ended. */
  readonly streamed: boolean;
  drop(): void;
}

/** Bytes of inputs as they travelled: from other nodes, and from this one. */
export interface InputBytes {
  bytesIn: number;
  bytesOwn: number;
}

/** Outputs that a task reads at once. */
const PARALLEL_FETCHES = 4;

/** Rows of an input that are too many to be here: as far as anyone asks, many. */
const MANY_ROWS = 1_000_000;

interface Loading {
  readonly source: InputSource & { readonly engine: Engine };
  readonly queryId: string;
  readonly fragment: Fragment;
  readonly inputs: readonly InputAt[];
  readonly account: QueryAccount;
  readonly signal: AbortSignal;
  /** Added to as inputs come. */
  readonly bytes: InputBytes;
}

/** What one scan reads. */
interface ScanInput {
  readonly operatorId: number;
  readonly table: Table;
  readonly columns: Table["columns"];
  readonly outputs: readonly InputAt[];
}

/**
 * Brings the inputs of a fragment to where its plan reads them: into tables in memory, one per scan. Those that are merged, and those that turn out to be too large, are streams, whose rows
 * come as the plan asks for them. Throws InputLost, QueryError "out-of-memory", the signal's reason.
 */
export const loadInputs = async (loading: Loading): Promise<LoadedInputs> => {
  const { source, queryId, fragment, account, bytes } = loading;
  const { tables } = source.engine;
  const stop = new AbortController();
  const signal = AbortSignal.any([loading.signal, stop.signal]);
  const scans = scansOf(fragment.plan);
  const merged = mergedScans(fragment.plan);
  const all = fragment.inputs.map(({ operatorId, from }): ScanInput => {
    const { table } = scans.get(operatorId)!;
    const outputs = loading.inputs.filter(({ fragmentId }) => fragmentId === from);
    return { operatorId, table, columns: wireColumns(table.columns), outputs };
  });
  const sources = new Map<number, ScanSource>();
  const streams: InputStream[] = [];
  const made: number[] = [];
  let charged = 0;
  const charge = (grown: number, { table }: ScanInput): void => {
    account.charge(grown, `what was received of ${table.name}`);
    charged += grown;
  };
  const release = (some: number): void => {
    account.release(some);
    charged -= some;
  };
  const drop = (): void => {
    for (const stream of streams) stream.drop();
    for (const tableId of made.splice(0)) tables.drop(tableId);
    release(charged);
  };
  const readerOf = (columns: ScanInput["columns"]): ReadOutput =>
    async function* (input, wanted) {
      const own = isOwn(source, input);
      for await (const piece of readInput(source, queryId, input, columns, wanted)) {
        if (own) bytes.bytesOwn += piece.bytes;
        else bytes.bytesIn += piece.bytes;
        yield piece;
      }
    };

  const stream = async (input: ScanInput): Promise<void> => {
    const maxBytes = account.streamBytes();
    const rows = await streamInput(input.outputs, input.columns, maxBytes, readerOf(input.columns), signal);
    streams.push(rows);
    charge(maxBytes, input);
    const tableId = tables.stream(rows);
    made.push(tableId);
    sources.set(input.operatorId, {
      source: { kind: "memory", tableId },
      rowCount: rows.rowCount ?? MANY_ROWS,
    });
  };
  /** False when it is too large. */
  const load = async (input: ScanInput): Promise<boolean> => {
    const { table, columns, outputs, operatorId } = input;
    const into = tables.receive(`rows of ${table.name}`, columns);
    made.push(into.tableId);
    const enough = new AbortController();
    const wanted = AbortSignal.any([signal, enough.signal]);
    let isTooLarge = false;
    let own = 0;
    await inParallel(outputs, PARALLEL_FETCHES, async (output) => {
      try {
        for await (const { batch } of readerOf(columns)(output, wanted)) {
          const before = into.byteSize();
          append(into, output, batch);
          const grown = into.byteSize() - before;
          isTooLarge ||= charged + grown > account.loadBytes();
          if (isTooLarge) break;
          charge(grown, input);
          own += grown;
        }
      } catch (error) {
        if (!isTooLarge) throw error;
      }
      if (isTooLarge) enough.abort();
    });
    if (isTooLarge) {
      tables.drop(into.tableId);
      release(own);
      return false;
    }
    sources.set(operatorId, { source: { kind: "memory", tableId: into.tableId }, rowCount: into.rowCount() });
    return true;
  };

  try {
    await inParallel(all, PARALLEL_FETCHES, async (input) => {
      try {
        if (merged.has(input.operatorId) || !(await load(input))) await stream(input);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    });
  } catch (error) {
    drop();
    throw error;
  }
  return { sources, tableBytes: charged, streamed: streams.some(({ rowCount }) => rowCount === undefined), drop };
};

const append = (
  into: ReturnType<Engine["tables"]["receive"]>,
  { attemptId }: InputAt,
  batch: Parameters<typeof into.append>[0],
): void => {
  try {
    into.append(batch);
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== "io") throw error;
    throw new InputLost(attemptId, error.message, error);
  }
};

/** Operator ids of the scans whose runs are merged. */
const mergedScans = (plan: PhysicalPlan, found = new Set<number>()): ReadonlySet<number> => {
  if ((plan.kind === "sort" || plan.kind === "topN") && plan.inRuns === true) found.add(plan.input.operatorId);
  for (const input of physicalInputs(plan)) mergedScans(input, found);
  return found;
};
