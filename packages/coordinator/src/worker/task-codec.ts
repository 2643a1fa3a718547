import { wire } from "@headcut/plan";
import type { KeySet } from "../exchange/key-set.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Reach, Split } from "../placement/split.ts";
import type { ScanSplit } from "../schedule/query-spec.ts";
import type { AttemptId, TaskId, TaskWork } from "../schedule/query-state.ts";

const { flag, list, natural, object, optional, parquetFile, text, union } = wire;

/** One output that a task reads: whose, where it is, and which partition of it; undefined for all of its rows. */
export interface InputAt {
  readonly fragmentId: number;
  readonly taskId: TaskId;
  readonly attemptId: AttemptId;
  readonly nodeId: NodeId;
  /** host:port */
  readonly address: string;
  readonly partition: number | undefined;
}

const reach = union<Reach>(() => ({ anywhere: {}, held: { by: list(text) } }));

const split = object<Omit<Split, "columns">>({
  file: parquetFile,
  firstRowGroup: natural,
  rowGroupCount: natural,
  byteOffset: natural,
  byteLength: natural,
  rowCount: natural,
  reach,
});

export const taskWork = union<TaskWork>(() => ({
  coordinator: {},
  partition: { index: natural },
  splits: {
    items: list(object<ScanSplit>({ operatorId: natural, split })),
    nodeId: optional(text),
    fillCache: flag,
  },
}));

export const inputAt = object<InputAt>({
  fragmentId: natural,
  taskId: natural,
  attemptId: natural,
  nodeId: text,
  address: text,
  partition: optional(natural),
});

const NONE = new Uint8Array(0);

/** A set of keys, which is never without bytes, or none. */
export const toldKeys: wire.Codec<KeySet | undefined> = {
  encode: (set) => wire.bytes.encode(set ?? NONE),
  decode: (json, place) => {
    const set = wire.bytes.decode(json, place);
    return set.length === 0 ? undefined : set;
  },
};
