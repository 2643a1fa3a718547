import { describe, expect, it } from "vitest";
import { findKeys } from "../../src/io/s3/find-keys.ts";
import { folderPattern, globPattern } from "../../src/io/s3/key-pattern.ts";

describe("patterns of keys", () => {
  it.each<[string, string, boolean, readonly string[], readonly string[]]>([
    ["a/*.parquet", "a/", true, ["a/x.parquet", "a/x y.parquet"], ["a/b/x.parquet", "x.parquet", "a/.x.parquet"]],
    ["a/x-?.p", "a/x-", true, ["a/x-1.p", "a/x-ü.p"], ["a/x-12.p", "a/x-.p"]],
    ["*.p", "", true, ["x.p"], ["a/x.p", ".x.p"]],
    ["a/*/x.p", "a/", false, ["a/b/x.p"], ["a/x.p", "a/b/c/x.p", "a//x.p", "a/.b/x.p"]],
    ["a/**/x.p", "a/", false, ["a/x.p", "a/b/x.p", "a/b/c/x.p"], ["ab/x.p", "a/.b/x.p", "a/b/.c/x.p"]],
    ["a/**", "a/", false, ["a/x", "a/b/x"], ["b/x", "a/.x", "a/.b/x"]],
    ["**/*.p", "", false, ["x.p", "a/x.p"], ["a/x.q"]],
    ["a/.*", "a/.", true, ["a/.x"], ["a/x"]],
    ["a/[!x]*.p", "a/", true, ["a/y.p"], ["a/x.p"]],
    ["a/[x]", "a/", true, ["a/x", "a/[x]"], ["a/y"]],
    ["y=*/m=[0-9]*/*.p", "y=", false, ["y=1/m=2/a.p"], ["y=1/m=x/a.p"]],
  ])("%s looks below %s", (pattern, prefix, flat, matching, others) => {
    const found = globPattern(pattern);
    expect({ prefix: found.prefix, flat: found.flat }).toEqual({ prefix, flat });
    for (const key of matching) expect(found.matches(key), key).toBe(true);
    for (const key of others) expect(found.matches(key), key).toBe(false);
  });

  it("of a folder are its Parquet files, but not what is hidden", () => {
    const { prefix, matches } = folderPattern("a/b");
    expect(prefix).toBe("a/b/");
    for (const key of ["a/b/x.parquet", "a/b/c/x.PARQUET", "a/b/y=1/x.parquet"]) expect(matches(key)).toBe(true);
    for (const key of ["a/b/x.csv", "a/b/_x.parquet", "a/b/_delta_log/x.parquet", "a/b/.t/x.parquet"]) {
      expect(matches(key)).toBe(false);
    }
    expect(folderPattern("").prefix).toBe("");
  });
});

describe("finding keys", () => {
  const bucketOf = (keys: readonly string[], pageLength = 2) => {
    const asked: string[] = [];
    const version = { etag: "e", sizeBytes: 1 };
    return {
      asked,
      requests: {
        head: async ({ key }: { readonly key: string }) => {
          asked.push(`head ${key}`);
          return keys.includes(key) ? version : undefined;
        },
        list: async (prefix: string, flat: boolean, token: string | undefined) => {
          asked.push(`list ${prefix} ${token ?? ""}`);
          const under = keys
            .filter((key) => key.startsWith(prefix) && !(flat && key.slice(prefix.length).includes("/")))
            .toSorted();
          const from = Number(token ?? 0);
          const objects = under.slice(from, from + pageLength).map((key) => ({ key, ...version }));
          return { objects, next: from + pageLength < under.length ? String(from + pageLength) : undefined };
        },
      },
    };
  };
  const find = async (key: string, keys: readonly string[]) => {
    const { asked, requests } = bucketOf(keys);
    const found = await findKeys({ bucket: "b", key }, requests).then(
      (objects) => objects.map((object) => object.key),
      (error: Error) => error.message,
    );
    return { asked, found };
  };

  it("asks for an object by its name", async () => {
    expect(await find("a.parquet", ["a.parquet", "a.parquet/b.parquet"])).toEqual({
      found: ["a.parquet"],
      asked: ["head a.parquet"],
    });
  });

  it("lists page by page, in the order of the keys' bytes", async () => {
    const keys = ["d/ü.parquet", "d/a.parquet", "d/B.parquet", "d/", "d/c.txt", "d/z.parquet"];
    const { asked, found } = await find("d/*.parquet", keys);
    expect(found).toEqual(["d/B.parquet", "d/a.parquet", "d/z.parquet", "d/ü.parquet"]);
    expect(asked).toEqual(["list d/ ", "list d/ 2", "list d/ 4"]);
  });

  it("takes a key that has wildcards itself for what it is", async () => {
    expect((await find("a[1].parquet", ["a[1].parquet", "a1.parquet"])).found).toEqual(["a[1].parquet"]);
    expect((await find("a[1].parquet", ["a1.parquet"])).found).toEqual(["a1.parquet"]);
  });

  it("takes what is no object for a folder, unless it is named like a file", async () => {
    expect((await find("d", ["d/x.parquet"])).found).toEqual(["d/x.parquet"]);
    expect((await find("d.parquet", ["d.parquet/x.parquet"])).found).toContain("no such object");
    expect((await find("d.parquet/", ["d.parquet/x.parquet"])).found).toEqual(["d.parquet/x.parquet"]);
    expect((await find("", ["x.parquet"])).found).toEqual(["x.parquet"]);
  });

  it("says that there is nothing", async () => {
    expect((await find("d/*.parquet", ["d/a.csv", "d/"])).found).toBe("no files match s3://b/d/*.parquet");
    expect((await find("d/", ["d/a.csv"])).found).toBe("no Parquet files in s3://b/d/");
    expect((await find("d", ["e"])).found).toBe("cannot read s3://b/d: there is no such object");
  });
});
