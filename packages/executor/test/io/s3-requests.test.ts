import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRequests, scatter } from "../../src/io/s3/plan-requests.ts";
import { requestFailure } from "../../src/io/s3/request-failure.ts";

describe("requests for pieces", () => {
  const plan = (pieces: readonly (readonly [number, number])[], gap = 10, most = 100) =>
    planRequests(
      pieces.map(([start, end]) => ({ start, end })),
      gap,
      most,
    ).map(({ start, end }) => [start, end]);

  it.each([
    [
      "join near ones",
      [
        [0, 5],
        [15, 20],
      ],
      [[0, 20]],
    ],
    [
      "leave far ones apart",
      [
        [0, 5],
        [16, 20],
      ],
      [
        [0, 5],
        [16, 20],
      ],
    ],
    [
      "take any order",
      [
        [50, 60],
        [0, 5],
        [6, 8],
      ],
      [
        [0, 8],
        [50, 60],
      ],
    ],
    [
      "split long ones evenly",
      [[0, 150]],
      [
        [0, 75],
        [75, 150],
      ],
    ],
    [
      "do not join what would have to be split",
      [
        [0, 60],
        [65, 120],
      ],
      [
        [0, 60],
        [65, 120],
      ],
    ],
    [
      "read what overlaps once",
      [
        [0, 20],
        [10, 15],
        [5, 40],
      ],
      [[0, 40]],
    ],
    [
      "ignore empty ones",
      [
        [5, 5],
        [7, 7],
      ],
      [],
    ],
  ])("%s", (_, pieces, requests) => {
    expect(plan(pieces as [number, number][])).toEqual(requests);
  });

  it("cover all pieces, are no longer than they may be, and overlap nowhere", () => {
    const piece = fc.tuple(fc.nat(5000), fc.nat(400)).map(([start, length]) => [start, start + length] as const);
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 300 }),
        (pieces, gap, most) => {
          const requests = plan(pieces, gap, most) as [number, number][];
          requests.forEach(([start, end], i) => {
            expect(end - start).toBeGreaterThan(0);
            expect(end - start).toBeLessThanOrEqual(most);
            if (i > 0) expect(start).toBeGreaterThanOrEqual(requests[i - 1]![1]);
          });
          const content = Uint8Array.from({ length: 6000 }, (_, i) => i % 251);
          const targets = pieces.map(([start, end]) => ({ offset: start, target: new Uint8Array(end - start) }));
          for (const [start, end] of requests) scatter(content.subarray(start, end), start, targets);
          for (const { offset, target } of targets) {
            expect(target).toEqual(content.slice(offset, offset + target.length));
          }
        },
      ),
    );
  });
});

describe("failed requests", () => {
  const awsError = (name: string, status: number, message = "why") =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

  it.each([
    [awsError("SlowDown", 503), "transient"],
    [awsError("InternalError", 500), "transient"],
    [awsError("Unknown", 502), "transient"],
    [awsError("TooManyRequests", 429), "transient"],
    [awsError("RequestTimeout", 400), "transient"],
    [awsError("SyntaxError", 200), "transient"],
    [Object.assign(new Error("x"), { code: "ECONNRESET" }), "transient"],
    [Object.assign(new Error("x"), { code: "HPE_INVALID_CONSTANT" }), "transient"],
    [awsError("NoSuchKey", 404), "missing"],
    [awsError("PreconditionFailed", 412), "changed"],
    [awsError("InvalidRange", 416), "changed"],
    [awsError("AccessDenied", 403), "denied"],
    [awsError("InvalidRequest", 400), "final"],
    [Object.assign(new Error("x"), { code: "ENOTFOUND" }), "final"],
    [new TypeError("a bug"), "final"],
  ])("%s is %s", (error, kind) => {
    expect(requestFailure(error).kind).toBe(kind);
  });

  it("say what the store said, without credentials", () => {
    const { message } = requestFailure(awsError("InvalidAccessKeyId", 403, "Key AKIA1 of\n  s3cr3t is unknown"), [
      "AKIA1",
      "s3cr3t",
      "",
    ]);
    expect(message).toBe("InvalidAccessKeyId: Key … of … is unknown (HTTP 403)");
    expect(requestFailure(Object.assign(new Error(""), { name: "NotFound" })).message).toBe("NotFound");
    expect(requestFailure(new Error("")).message).toBe("no reason was given");
    expect(requestFailure("text").message).toBe("text");
  });
});
