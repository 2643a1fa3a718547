import type { EncodedBatch, Engine, ReceivedTable } from "@headcut/executor";
import { type PhysicalPlan, QueryError } from "@headcut/plan";
import type { ScanSource } from "../cut/bind-fragment.ts";
import type { Fragment } from "../cut/fragment.ts";
import { wireColumns } from "../exchange/wire-columns.ts";
import { InputLost } from "./attempt-failure.ts";
import { inParallel } from "./in-parallel.ts";
import type { QueryAccount } from "./query-account.ts";
import { type InputSource, isOwn, readInput } from "./read-input.ts";
import { scansOf } from "./scans-of.ts";
import type { InputAt } from "./task-codec.ts";

/** Inputs of a task, in the engine's memory. */
export interface LoadedInputs {
  /** By operator id of the scans that read them. */
  readonly sources: ReadonlyMap<number, ScanSource>;
  readonly tableBytes: number;
  drop(): void;
}

/** Bytes of inputs as they travelled: from other nodes, and from this one. */
export interface InputBytes {
  bytesIn: number;
  bytesOwn: number;
}

/** Outputs that a task reads at once. */
const PARALLEL_FETCHES = 4;

type Scan = Extract<PhysicalPlan, { readonly kind: "scan" }>;

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

/** Reads all inputs of a fragment into tables in memory, one per exchange. Throws InputLost, QueryError "out-of-memory", the signal's reason. */
export const loadInputs = async (loading: Loading): Promise<LoadedInputs> => {
  const { source, queryId, fragment, inputs, account, bytes } = loading;
  const { tables } = source.engine;
  const stop = new AbortController();
  const signal = AbortSignal.any([loading.signal, stop.signal]);
  const scans = scansOf(fragment.plan);
  const received = fragment.inputs.map(({ operatorId, from }) => {
    const { table }: Scan = scans.get(operatorId)!;
    const columns = wireColumns(table.columns);
    return { operatorId, from, table, columns, into: tables.receive(`rows of ${table.name}`, columns) };
  });
  let charged = 0;
  const drop = (): void => {
    for (const { into } of received) tables.drop(into.tableId);
    account.release(charged);
    charged = 0;
  };
  const append = (into: ReceivedTable, name: string, { attemptId }: InputAt, batch: EncodedBatch): void => {
    const before = into.byteSize();
    try {
      into.append(batch);
    } catch (error) {
      if (!(error instanceof QueryError) || error.code !== "io") throw error;
      throw new InputLost(attemptId, error.message, error);
    }
    const grown = into.byteSize() - before;
    account.charge(grown, `what was received of ${name}`);
    charged += grown;
  };
  try {
    const pieces = received.flatMap(({ from, table, columns, into }) =>
      inputs.filter(({ fragmentId }) => fragmentId === from).map((input) => ({ input, table, columns, into })),
    );
    await inParallel(pieces, PARALLEL_FETCHES, async ({ input, table, columns, into }) => {
      try {
        const own = isOwn(source, input);
        for await (const piece of readInput(source, queryId, input, columns, signal)) {
          if (own) bytes.bytesOwn += piece.bytes;
          else bytes.bytesIn += piece.bytes;
          append(into, table.name, input, piece.batch);
        }
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    });
  } catch (error) {
    drop();
    throw error;
  }
  const sources = received.map(({ operatorId, into }): [number, ScanSource] => [
    operatorId,
    { source: { kind: "memory", tableId: into.tableId }, rowCount: into.rowCount() },
  ]);
  return { sources: new Map(sources), tableBytes: charged, drop };
};
