import { afterEach, expect, test } from "vitest";
import { type HttpServer, serveHttp } from "./serve-http.ts";

const servers: HttpServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

test("pages are 200 or 503; others are 404 and name them", async () => {
  let ok = true;
  const server = await serveHttp("127.0.0.1:0", { "/ready": () => ({ ok, text: `${ok}\n` }) });
  servers.push(server);
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`http://${server.address}${path}`);
    return [response.status, await response.text()];
  };
  expect(await get("/ready")).toEqual([200, "true\n"]);
  expect(await get("/ready?verbose")).toEqual([200, "true\n"]);
  ok = false;
  expect(await get("/ready")).toEqual([503, "false\n"]);
  expect(await get("/toString")).toEqual([404, "there are /ready\n"]);
});

test("a port that is taken is an error that names it", async () => {
  const server = await serveHttp("127.0.0.1:0", {});
  servers.push(server);
  await expect(serveHttp(server.address, {})).rejects.toMatchObject({
    code: "io",
    message: expect.stringContaining(`cannot listen on ${server.address}`),
  });
  await expect(serveHttp("nonsense", {})).rejects.toMatchObject({ code: "invalid-argument" });
});
