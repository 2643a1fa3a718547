import { createHash } from "node:crypto";
import type { Fragment } from "../cut/fragment.ts";
import { decodeFragment } from "../cut/fragment-codec.ts";

/** Kept of one process. What is compiled for a fragment is kept with it: some 100 KB. */
const MAX_FRAGMENTS = 256;

/** Fragments that came lately, oldest first, by the hash of their bytes. */
export const openFragments = (maxFragments = MAX_FRAGMENTS): ((bytes: Uint8Array) => Fragment) => {
  const known = new Map<string, Fragment>();
  return (bytes) => {
    const key = createHash("sha256").update(bytes).digest("base64");
    const fragment = known.get(key) ?? decodeFragment(bytes);
    known.delete(key);
    known.set(key, fragment);
    if (known.size > maxFragments) known.delete(known.keys().next().value!);
    return fragment;
  };
};
