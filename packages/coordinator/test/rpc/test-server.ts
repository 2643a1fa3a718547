import { QueryError } from "@headcut/plan";
import { openServer } from "../../src/rpc/open-server.ts";
import type { RpcServer, ServerOptions } from "../../src/rpc/server-options.ts";

const nothing = (): never => {
  throw new QueryError("unsupported", "not in this test");
};

/** A server on a free port that answers what the test gives it. */
export const testServer = (
  options: Partial<Omit<ServerOptions, "flight">> & { readonly flight?: Partial<ServerOptions["flight"]> } = {},
): Promise<RpcServer> =>
  openServer({
    listen: "127.0.0.1:0",
    security: {},
    calls: {},
    streams: {},
    ...options,
    flight: {
      getFlightInfo: nothing,
      getSchema: nothing,
      listFlights: nothing,
      doGet: nothing,
      doPut: nothing,
      doAction: nothing,
      listActions: nothing,
      ...options.flight,
    },
  });
