import type { ClusterNodeHandle, FlightService, Security } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";

/** Stands in for the endpoint until it is there: every call is refused. */
export const flightServiceOf = (
  _node: ClusterNodeHandle,
  _options: { readonly data: string; readonly security: Security },
): FlightService => {
  const refuse = (): never => {
    throw new QueryError("unsupported", "this node answers no clients yet");
  };
  return {
    getFlightInfo: async () => refuse(),
    getSchema: async () => refuse(),
    listFlights: refuse,
    doGet: refuse,
    doPut: refuse,
    doAction: refuse,
    listActions: async () => [],
  };
};
