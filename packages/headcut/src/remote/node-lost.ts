import { QueryError } from "@headcut/plan";

/**
 * A node that does not answer, or stopped answering: no failure of the statement, which another node, or the same one later, may
 * answer. It never leaves this folder.
 */
export class NodeLost extends Error {
  readonly address: string;
  readonly reason: QueryError;
  /** The node itself said that it does not run the statement: it has not begun. */
  readonly refused: boolean;
  /** The node itself said that it had lost all others. */
  readonly cutOff: boolean;

  constructor(address: string, reason: QueryError, { refused = false, cutOff = false } = {}) {
    super(reason.message, { cause: reason });
    this.address = address;
    this.reason = reason;
    this.refused = refused;
    this.cutOff = cutOff;
  }
}

/** What a call that failed means: the node was lost, or what was thrown. `wanted`: nobody has cancelled the call. */
export const asNodeLost = (cause: unknown, address: string, wanted: boolean): unknown => {
  if (!(cause instanceof QueryError)) return cause;
  switch (cause.code) {
    case "io":
      return new NodeLost(address, cause);
    case "closed":
      return new NodeLost(address, cause, { refused: true });
    // A node that stops cancels what it runs.
    case "cancelled":
      return wanted ? new NodeLost(address, new QueryError("io", `${address} has stopped`, { cause })) : cause;
    default:
      return cause;
  }
};
