import type { FlightInfo } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { StatementHost } from "../sessions/run-ticket.ts";
import { quotedName } from "./descriptor-sql.ts";
import { encapsulatedSchema, infoOf, plainTicket } from "./flight-info.ts";

/** The tables of the cluster. One that cannot be read now, since a shard of it is lost, has neither schema nor number of rows. */
export async function* listTables(
  { node }: Pick<StatementHost, "node">,
  criteria: Uint8Array,
  token: string | undefined,
): AsyncGenerator<FlightInfo> {
  if (criteria.length > 0) {
    throw new QueryError("unsupported", "ListFlights takes no criteria", { hint: "Leave them empty." });
  }
  for (const name of await node.catalog.tableNames()) {
    const table = await node.catalog.resolve(name).catch((cause: unknown) => {
      if (cause instanceof QueryError) return undefined;
      throw cause;
    });
    const schema = table === undefined ? new Uint8Array() : encapsulatedSchema(table.columns);
    const ticket = plainTicket(`SELECT * FROM ${quotedName([name])}`);
    yield infoOf(ticket, { kind: "path", path: [name] }, schema, token, table?.rowCount);
  }
}
