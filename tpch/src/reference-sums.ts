import type { TableName } from "./schema.ts";

/** The md5 sums of the reference's `.tbl` files, by scale factor. */
export const referenceSums: ReadonlyMap<number, Readonly<Record<TableName, string>>> = new Map([
  [
    0.01,
    {
      region: "c235841b00d29ad4f817771fcc851207",
      nation: "2f588e0b7fa72939b498c2abecd9fbbe",
      supplier: "56e0621c472064c2a998757c70b44043",
      customer: "a8aa97edad6d47b183a569759fbd3eec",
      part: "9cce16188c241c25617ca5ed6191e37e",
      partsupp: "c6889c3ed0939ca02475f7fb410cbb50",
      orders: "c8d2008fb47f47f9e56543d4cb0f4e6a",
      lineitem: "4c6d44350a1f7974f56f5d3d7091c2be",
    },
  ],
  [
    1,
    {
      region: "c235841b00d29ad4f817771fcc851207",
      nation: "2f588e0b7fa72939b498c2abecd9fbbe",
      supplier: "565f8733ecdb2faf654a3efe0a422957",
      customer: "b662b705bc3ac183c1942367cf522e42",
      part: "b7ca9b82dc3d9c6543a96faac588a281",
      partsupp: "1b531d9b3963dd72c920179b31135e84",
      orders: "62264a9feaa3a3fd59805910dfe18a30",
      lineitem: "e6368ad3f339bf1d4a3b8a1beba23870",
    },
  ],
]);
