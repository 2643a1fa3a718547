import { QueryError } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { parseClusterAddress } from "./cluster-address.ts";

it.each<[string, readonly string[], boolean]>([
  ["grpc://a:1", ["a:1"], false],
  ["grpc://a", ["a:8815"], false],
  ["grpc+tcp://a:1,b:2", ["a:1", "b:2"], false],
  ["grpc+tls://node.example:443, other:8815/", ["node.example:443", "other:8815"], true],
  ["grpc://[::1]:8815,10.0.0.1", ["[::1]:8815", "10.0.0.1:8815"], false],
  ["grpc://a:1,a:1", ["a:1"], false],
])("%s", (text, addresses, tls) => {
  expect(parseClusterAddress(text)).toEqual({ addresses, tls });
});

describe("what is no address is refused, and quoted", () => {
  it.each([
    "",
    "a:8815",
    "http://a:1",
    "grpc://",
    "grpc://a:1,,b:2",
    "grpc://a:99999",
    "grpc://a:x",
    "grpc://a b:1",
    "grpc://user@a:1",
  ])("%s", (text) => {
    expect(() => parseClusterAddress(text)).toThrow(QueryError);
    expect(() => parseClusterAddress(text)).toThrow(`"${text}"`);
  });
});
