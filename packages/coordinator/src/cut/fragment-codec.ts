import { wire } from "@headcut/plan";
import type { Fragment, KeyInput, Output, RemoteInput, Runs, SplitKey } from "./fragment.ts";

const { expressions, flag, list, natural, object, omittable, optional, plan, sortKey, text, union } = wire;

const splitKey = object<SplitKey>({ operatorId: natural, column: text });

const runs = union<Runs>(() => ({
  coordinator: {},
  splits: { scans: list(natural), by: omittable(list(splitKey)), copies: omittable(list(natural)) },
  partitions: { count: natural },
}));

const output = union<Output>(() => ({
  result: {},
  gather: { order: optional(list(sortKey)) },
  broadcast: {},
  hash: { keys: expressions, partitions: natural },
}));

const fragment = object<Fragment>({
  fragmentId: natural,
  plan,
  inputs: list(object<RemoteInput>({ operatorId: natural, from: natural })),
  keyInputs: omittable(list(object<KeyInput>({ operatorId: natural, from: natural, key: natural }))),
  keysOf: omittable(list(natural)),
  enough: omittable(natural),
  runs,
  output,
  repeatable: flag,
});

/** A fragment as bytes, equal for equal fragments. Throws QueryError "unsupported" for one that is too large to send. */
export const encodeFragment = (value: Fragment): Uint8Array => wire.encodeMessage("fragment", fragment, value);

/** QueryError "io" if the bytes are not a fragment, "unsupported" if they are of another version. */
export const decodeFragment = (bytes: Uint8Array): Fragment => wire.decodeMessage("fragment", fragment, bytes);
