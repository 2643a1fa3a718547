import type { FlightDescriptor } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";

/** How the commands of Flight SQL begin: a google.protobuf.Any. */
const FLIGHT_SQL = "type.googleapis.com/arrow.flight.protocol.sql.";

/** The SQL of a command, or of a path, which names a table. Throws QueryError "invalid-argument", "unsupported". */
export const descriptorSql = (descriptor: FlightDescriptor): string => {
  if (descriptor.kind === "path") return `SELECT * FROM ${quotedName(descriptor.path)}`;
  const { command } = descriptor;
  if (Buffer.from(command.subarray(0, 100)).includes(FLIGHT_SQL)) {
    throw new QueryError("unsupported", "commands of Flight SQL are not supported yet", {
      hint: "Send the SQL text itself, in UTF-8, as the command.",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(command);
  } catch (cause) {
    throw new QueryError("invalid-argument", "the command is not SQL in UTF-8", { cause });
  }
};

/** A table's name as SQL writes it. Throws QueryError "invalid-argument" for no name. */
export const quotedName = (path: readonly string[]): string => {
  if (path.length === 0 || path.includes("")) throw new QueryError("invalid-argument", "the path names no table");
  return path.map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
};
