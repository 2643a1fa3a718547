/** A tree without its ranges: two texts that mean the same have the same. */
export const shape = (tree: unknown): unknown =>
  JSON.parse(
    JSON.stringify(tree, (key, value) => {
      if (key === "range") return undefined;
      return value instanceof Uint8Array ? [...value] : value;
    }),
  );
