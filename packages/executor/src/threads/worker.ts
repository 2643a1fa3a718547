// The entry of a worker thread: piscina calls the default export with each task.
import { parentPort, workerData } from "node:worker_threads";
import { instantiateKernels } from "../kernels/load.ts";
import type { Heap } from "../memory/heap.ts";
import { viewsOf } from "../memory/shared-memory.ts";
import { transferList } from "../results/encoded-batch.ts";
import { createInstanceCache } from "../run/instance-cache.ts";
import type { QueryTask, TaskOutcome } from "../run/query-task.ts";
import { runTask } from "../run/run-task.ts";
import type { ThreadRuntime } from "../run/thread-runtime.ts";
import { createFarReader } from "./far-reader.ts";
import type { WorkerMessage, WorkerStart } from "./messages.ts";

const { memory, kernels } = workerData as WorkerStart;
const heap: Heap = { memory: viewsOf(memory), kernels: instantiateKernels(kernels, memory) };
const runtime: ThreadRuntime = {
  heap,
  instances: createInstanceCache(heap),
  post: (queryId, batch) => {
    parentPort!.postMessage({ kind: "batch", queryId, batch } satisfies WorkerMessage, transferList(batch));
  },
  attend: (feedId) => parentPort!.postMessage({ kind: "attend", feedId } satisfies WorkerMessage),
  openFar: createFarReader(heap.memory, (port) => {
    parentPort!.postMessage({ kind: "readLine", port } satisfies WorkerMessage, [port]);
  }),
};

export default (task: QueryTask): Promise<TaskOutcome> => runTask(runtime, task);
