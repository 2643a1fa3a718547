import { QueryError } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { isObjectPath, parseObjectPath } from "../../src/io/s3/location.ts";
import { resolveSettings, type S3Settings } from "../../src/io/s3/settings.ts";

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof QueryError ? error.code : String(error);
  }
};

describe("paths of objects", () => {
  it("begin with s3://", () => {
    expect(["s3://b/k", "S3://b/k"].every(isObjectPath)).toBe(true);
    expect(["/s3://b", "s3:/b/k", "file.parquet", "https://b/k"].some(isObjectPath)).toBe(false);
  });

  it.each([
    ["s3://b/k", "b", "k"],
    ["s3://b/a/b c/ü%20.parquet", "b", "a/b c/ü%20.parquet"],
    ["s3://b", "b", ""],
    ["s3://b/", "b", ""],
    ["s3://b//k", "b", "/k"],
    ["s3://b/k?*", "b", "k?*"],
  ])("%s is a bucket and a key", (path, bucket, key) => {
    expect(parseObjectPath(path)).toEqual({ bucket, key });
  });

  it.each(["s3://", "s3:///k", "s3://*/k", "s3://a b/k"])("%s has no bucket", (path) => {
    expect(codeOf(() => parseObjectPath(path))).toBe("invalid-argument");
  });
});

describe("settings", () => {
  it("by default are Amazon's, from the environment", () => {
    expect(resolveSettings({}, {})).toMatchObject({
      endpoint: undefined,
      forcePathStyle: false,
      region: undefined,
      credentials: undefined,
    });
    expect(resolveSettings({}, { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "x" }).region).toBe("eu-west-1");
    expect(resolveSettings({}, { AWS_DEFAULT_REGION: "eu-west-2" }).region).toBe("eu-west-2");
    expect(resolveSettings({ region: "r" }, { AWS_REGION: "eu-west-1" }).region).toBe("r");
  });

  it.each<[S3Settings, Record<string, string>, string | undefined, boolean]>([
    [{ endpoint: "localhost:9000" }, {}, "https://localhost:9000", true],
    [{ endpoint: "localhost:9000", useSsl: false }, {}, "http://localhost:9000", true],
    [{ endpoint: "http://localhost:9000", useSsl: true }, {}, "http://localhost:9000", true],
    [{ endpoint: "https://s3.example.com", urlStyle: "vhost" }, {}, "https://s3.example.com", false],
    [{ urlStyle: "path" }, {}, undefined, true],
    [{}, { AWS_ENDPOINT_URL: "http://a:1" }, "http://a:1", true],
    [{}, { AWS_ENDPOINT_URL: "http://a:1", AWS_ENDPOINT_URL_S3: "http://b:2" }, "http://b:2", true],
    [{}, { AWS_ENDPOINT_URL: "http://a:1", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }, undefined, false],
    [{ endpoint: "c:3" }, { AWS_ENDPOINT_URL: "http://a:1" }, "https://c:3", true],
  ])("%j with %j are sent to %s (bucket in the path: %s)", (settings, environment, endpoint, forcePathStyle) => {
    expect(resolveSettings(settings, environment)).toMatchObject({ endpoint, forcePathStyle });
  });

  it.each<unknown>([
    { urlStyle: "virtual" },
    { accessKeyId: "only" },
    { secretAccessKey: "only" },
    { sessionToken: "only" },
    { endpoint: "http://" },
    { endpoint: "http://user:secret@host" },
    { retries: -1 },
    { retries: 1.5 },
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
  ])("%j are refused", (settings) => {
    expect(codeOf(() => resolveSettings(settings as S3Settings, {}))).toBe("invalid-argument");
  });
});
