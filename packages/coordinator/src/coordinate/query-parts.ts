import type { Engine } from "@headcut/executor";
import type { ParquetFile } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import type { Peers } from "../rpc/peer.ts";
import type { ScheduleOptions } from "../schedule/query-spec.ts";
import type { Worker } from "../worker/worker.ts";
import type { NodesView } from "./nodes-view.ts";
import type { Admission } from "./open-admission.ts";

/** What the queries of a node share. */
export interface QueryParts {
  readonly nodeId: NodeId;
  readonly engine: Pick<Engine, "execute" | "threads" | "running">;
  readonly worker: Pick<Worker, "local">;
  readonly peers: Pick<Peers, "peer">;
  readonly view: NodesView;
  readonly localFile: (file: ParquetFile) => ParquetFile | undefined;
  readonly splitsOf: (file: ParquetFile) => Promise<readonly Split[]>;
  readonly admission: Admission;
  readonly schedule: Partial<ScheduleOptions>;
  /** See `NodeOptions`. */
  readonly mayRunAlone: boolean;
  readonly bytesPerNode: number;
}
