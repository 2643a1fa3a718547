import { expect, test } from "vitest";
import { advertisedAddress } from "../../src/node/advertised-address.ts";
import { parseSeedSource } from "../../src/node/seed-source.ts";

test.each([
  ["", { kind: "none" }],
  ["a:1", { kind: "list", addresses: ["a:1"] }],
  [" a:1 , b.example:65535,[::1]:8815", { kind: "list", addresses: ["a:1", "b.example:65535", "[::1]:8815"] }],
  ["dns:headcut.default.svc:8815", { kind: "dns", name: "headcut.default.svc", port: 8815 }],
  ["dns://10.0.0.10/nodes.test:8815", { kind: "dns", name: "nodes.test", port: 8815, server: "10.0.0.10:53" }],
  ["dns://[::1]:8600/nodes.test:8815", { kind: "dns", name: "nodes.test", port: 8815, server: "[::1]:8600" }],
  ["dns:_grpc._tcp.nodes.test", { kind: "srv", name: "_grpc._tcp.nodes.test" }],
  ["dns://127.0.0.1:8600/_grpc._tcp.a", { kind: "srv", name: "_grpc._tcp.a", server: "127.0.0.1:8600" }],
  ["etcd:localhost:2379", { kind: "etcd", endpoint: "http://localhost:2379", prefix: "/headcut/nodes/" }],
  ["etcd:https://e:2379/a/b", { kind: "etcd", endpoint: "https://e:2379", prefix: "/a/b/" }],
])("%j", (text, source) => expect(parseSeedSource(text)).toEqual(source));

test.each([
  "a",
  "a:",
  "a:0",
  "a:70000",
  "a:1,,b:2",
  "dns:a",
  "dns:a:b",
  "dns://ns.test/a:1",
  "dns://10.0.0.1:0/a:1",
  "dns://10.0.0.1:53/",
  "dns://10.0.0.1:53",
  "dns:///a:1",
  "dns:_grpc.a",
  "etcd:",
  "etcd:ftp://a:1",
  "a b:1",
  "::1:8815",
])("%j is refused", (text) => expect(() => parseSeedSource(text)).toThrow(/^cannot join/));

test.each([
  ["10.0.0.1:1", undefined, "10.0.0.1:1"],
  ["127.0.0.1:7", "node-1.headcut", "node-1.headcut:7"],
  ["0.0.0.0:7", "node-1:9", "node-1:9"],
  ["[::]:7", "fe80::1", "[fe80::1]:7"],
  ["[::]:7", "[fe80::1]", "[fe80::1]:7"],
  ["[::]:7", "[fe80::1]:9", "[fe80::1]:9"],
])("listening at %s, advertised as %s: %s", (bound, advertise, address) => {
  expect(advertisedAddress(bound, advertise)).toBe(address);
});
