import type { Engine, QueryRun } from "@headcut/executor";
import type { ParquetFile } from "@headcut/plan";
import type { Fragment } from "../cut/fragment.ts";
import type { FlightData } from "../flight/flight-data.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { MessageStream } from "../rpc/message-stream.ts";
import type { Peers } from "../rpc/peer.ts";
import type { AttemptId } from "../schedule/query-state.ts";
import type { FromWorker, Launch, OutputTicket } from "./messages.ts";
import type { InputAt } from "./task-codec.ts";

export interface WorkerOptions {
  readonly nodeId: NodeId;
  readonly engine: Engine;
  /** To fetch inputs from other nodes. */
  readonly peers: Pick<Peers, "peer">;
  /** The file on this node's disk that has a shard's rows; undefined when there is none. */
  readonly shards: { localFile(file: ParquetFile): ParquetFile | undefined };
  /** Where outputs go that do not fit memory: made when it is missing; what dead processes left there is removed. */
  readonly spillDirectory: string;
  /** What outputs may take of this process's memory, all queries together. */
  readonly maxOutputBytes: number;
}

/** The part of a node that runs tasks for coordinators and keeps their outputs for others. */
export interface Worker {
  /**
   * Runs what a coordinator asks for on this stream. Everything of it (attempts, outputs, memory, files) lives as long as the stream. Resolves
   * when nothing of it is left; throws QueryError "io" for messages that cannot be read.
   */
  serve(stream: MessageStream): Promise<void>;
  /** The messages of an output, as often as anyone asks. QueryError "io" when it is not here (any more). */
  output(ticket: OutputTicket): AsyncIterable<FlightData>;
  /** The same without a network, for tasks of the node that coordinates. */
  local(queryId: string, memoryBytes: number): WorkSession;
  status(): WorkerStatus;
  /** Ends all that runs; removes the spill files. */
  close(): Promise<void>;
}

export interface WorkerStatus {
  readonly queries: number;
  readonly runningAttempts: number;
  /** Since the start. */
  readonly doneAttempts: number;
  readonly failedAttempts: number;
  /** Of outputs: in memory and on disk. */
  readonly outputBytes: number;
  readonly spilledBytes: number;
}

/** What one query has on a node. */
export interface WorkSession {
  readonly queryId: string;
  /** Ends when the session is closed. To be iterated once, all the time: nothing is dropped. */
  readonly events: AsyncIterable<FromWorker>;
  addFragment(fragment: Fragment): void;
  /** An id that was launched before is not launched again. */
  launch(launch: Launch): void;
  stop(attemptId: AttemptId): void;
  /** The root, whose rows are read from here instead of being kept. */
  runRoot(fragment: Fragment, inputs: readonly InputAt[], options: RootOptions): RootRun;
  /** Stops all of it; resolves when nothing is left. */
  close(): Promise<void>;
}

export interface RootOptions {
  /** Of the result's columns. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Errors that the run throws are told apart by `attemptFailureOf`: lost inputs can be made again while no row was read. */
export interface RootRun extends QueryRun {
  /** Once all inputs are here, so that their producers are needed no more. Rejects with the error of the run. */
  readonly received: Promise<void>;
  /** Bytes of the inputs so far: from other nodes, and from this one. */
  inputBytes(): { readonly bytesIn: number; readonly bytesOwn: number };
}
