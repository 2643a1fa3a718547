import {
  type EncodedBatch,
  type ExecuteOptions,
  type QueryMetrics,
  type QueryRun,
  queryRun,
  watchLimits,
} from "@headcut/executor";
import { type PhysicalPlan, QueryError } from "@headcut/plan";
import { meterCpu } from "../cost/cpu-meter.ts";
import { learnWork } from "../cost/learnt-work.ts";
import { choosePlace } from "./choose-place.ts";
import type { ClusterReport } from "./cluster-report.ts";
import type { ClusterRun } from "./cluster-run.ts";
import { aloneReport, collectReport, rootReport } from "./collect-report.ts";
import { type Drive, driveQuery } from "./drive-query.ts";
import { estimateMemory } from "./estimate-memory.ts";
import { reliesOnPlaces, totalBytes } from "./prepare-query.ts";
import type { QueryParts } from "./query-parts.ts";
import { recallPrepared } from "./recall-prepared.ts";

/** How long a query waits for memory, unless its own limit is shorter. */
const QUEUE_MS = 60_000;

/** Starts a query on the cluster, or on this node alone where that is better. */
export const runQuery = (
  parts: QueryParts,
  queryId: string,
  asked: PhysicalPlan,
  names: readonly string[],
  options: ExecuteOptions,
): ClusterRun => {
  const { admission } = parts;
  const startedMs = performance.now();
  const life = new AbortController();
  let reason: QueryError | undefined;
  let query: Started | undefined;
  let drive: Drive | undefined;
  const stop = (error: QueryError): void => {
    reason ??= error;
    life.abort(reason);
    drive?.stop(reason);
  };
  const unwatch = watchLimits(options, stop);
  const memoryBytes = Math.min(options.memoryLimitBytes ?? admission.budgetBytes, admission.budgetBytes);

  const start = async (): Promise<Started> => {
    const wanted = Math.min(estimateMemory(asked), memoryBytes);
    const waiting = admission.enter(queryId, wanted, startedMs + QUEUE_MS, life.signal);
    if (waiting !== undefined) await waiting;
    const queuedMs = performance.now() - startedMs;
    const place = await until(life.signal, choosePlace(parts, asked, memoryBytes));
    const times = () => ({ queuedMs, totalMs: performance.now() - startedMs });
    if (place.kind === "alone") {
      const cpuMs = meterCpu();
      const run = parts.engine.execute(place.plan, names, {
        signal: life.signal,
        memoryLimitBytes: memoryBytes,
        onProgress: options.onProgress,
        template: asked,
      });
      const batches = run.encodedBatches()[Symbol.asyncIterator]();
      const next = async (): Promise<EncodedBatch | undefined> => {
        const { done, value } = await batches.next();
        return done === true ? undefined : value;
      };
      const report = ({ pipelines }: QueryMetrics): ClusterReport => {
        learnWork(asked, cpuMs(pipelines), place.modelMs);
        return aloneReport(queryId, parts.nodeId, place.splitCount, times());
      };
      return { run, next, report };
    }

    const { plan, splits } = place;
    const whole = totalBytes(splits);
    const attempt = async (local: boolean): Promise<Started> => {
      const nodes = parts.view.nodes();
      const prepared = recallPrepared(plan, splits, parts.nodeId, nodes, { ...parts, memoryBytes, local });
      const id = local ? queryId : `${queryId}/again`;
      let read = 0;
      const driven = driveQuery({
        queryId: id,
        prepared,
        nodes,
        names,
        memoryBytes,
        view: parts.view,
        peers: parts.peers,
        session: parts.worker.local(id, memoryBytes),
        onRead: (byteLength) => {
          read += byteLength;
          options.onProgress?.(Math.min(1, read / whole));
        },
      });
      drive = driven;
      try {
        const { attemptId, run, rows } = await driven.root;
        const report = (metrics: QueryMetrics): ClusterReport => {
          driven.notes.reports.set(attemptId, rootReport(metrics, run.inputBytes(), metrics.totalMs));
          learnWork(asked, sum([...driven.notes.reports.values()].map(({ cpuMs }) => cpuMs)), prepared.costs.spreadMs);
          return collectReport(queryId, prepared, driven.state(), driven.notes, times());
        };
        return { run, next: rows.next, report };
      } catch (error) {
        const isLost = error instanceof QueryError && error.code === "io" && reason === undefined;
        if (!isLost || !local || !reliesOnPlaces(prepared.plan)) throw error;
        await driven.close();
        return attempt(false);
      }
    };
    return attempt(true);
  };

  /** What stopped the query is its error, whatever its parts say of being stopped. */
  const orReason = (error: unknown): never => {
    throw reason ?? drive?.failure() ?? error;
  };
  const started = start().then((made) => {
    query = made;
    return made;
  }, orReason);
  const finished = started.then(async ({ run, report }) => {
    const metrics = await run.metrics.catch(orReason);
    return { metrics, report: report(metrics) };
  });
  const settled = finished.then(
    () => undefined,
    () => undefined,
  );
  void settled.then(() => {
    unwatch();
    admission.leave(queryId);
  });

  const metrics = finished.then((end) => end.metrics);
  const cluster = finished.then((end) => end.report);
  metrics.catch(() => undefined);
  cluster.catch(() => undefined);
  const rows = queryRun(
    {
      next: async () => (await started).next().catch(orReason),
      cancel: async () => {
        stop(new QueryError("cancelled", "the query was cancelled"));
        await started.catch(() => undefined);
        await query?.run.cancel();
        await drive?.close();
        await settled;
      },
      metrics,
    },
    asked.columns.map(({ name, type, nullable }, i) => ({ name: names[i] ?? name, type, nullable })),
  );
  return { ...rows, cluster };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

interface Started {
  readonly run: Pick<QueryRun, "metrics" | "cancel">;
  readonly next: () => Promise<EncodedBatch | undefined>;
  readonly report: (metrics: QueryMetrics) => ClusterReport;
}

/** The promise's value, or at once the signal's reason. */
const until = async <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> => {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
};
