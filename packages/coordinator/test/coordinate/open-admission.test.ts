import { QueryError } from "@headcut/plan";
import { expect, test } from "vitest";
import { openAdmission } from "../../src/coordinate/open-admission.ts";

const never = new AbortController().signal;
const soon = (ms: number) => performance.now() + ms;

test("who fits is let in at once; who does not waits its turn", async () => {
  const admission = openAdmission(100, 10);
  expect(admission.enter("a", 60, soon(1000), never)).toBeUndefined();
  const b = admission.enter("b", 60, soon(1000), never)!;
  let isIn = false;
  void b.then(() => {
    isIn = true;
  });
  expect(admission.status()).toEqual({ running: 1, queued: 1, reservedBytes: 60 });
  await Promise.resolve();
  expect(isIn).toBe(false);
  admission.leave("a");
  await b;
  expect(admission.status()).toEqual({ running: 1, queued: 0, reservedBytes: 60 });
  admission.leave("b");
  admission.leave("b");
  expect(admission.status()).toEqual({ running: 0, queued: 0, reservedBytes: 0 });
});

test("more than there is: all of it, alone", () => {
  const admission = openAdmission(100, 10);
  expect(admission.enter("a", 1e12, soon(1000), never)).toBeUndefined();
  expect(admission.status().reservedBytes).toBe(100);
});

test("a wait ends: too long, too many, not wanted", async () => {
  const admission = openAdmission(100, 2);
  admission.enter("a", 100, soon(1e9), never);
  const late = admission.enter("b", 10, soon(30), never)!;
  const stop = new AbortController();
  const reason = new QueryError("cancelled", "enough");
  const unwanted = admission.enter("c", 10, Number.POSITIVE_INFINITY, stop.signal)!;
  await expect(admission.enter("d", 10, soon(1000), never)).rejects.toMatchObject({ code: "out-of-memory" });
  stop.abort(reason);
  await expect(unwanted).rejects.toBe(reason);
  await expect(late).rejects.toMatchObject({ code: "timeout" });
  expect(admission.status()).toEqual({ running: 1, queued: 0, reservedBytes: 100 });
});

test("a signal that was aborted before", async () => {
  const admission = openAdmission(100, 2);
  admission.enter("a", 100, soon(1e9), never);
  const reason = new QueryError("cancelled", "enough");
  await expect(admission.enter("b", 10, soon(1e9), AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(admission.status().queued).toBe(0);
});
