import { QueryError } from "@headcut/plan";

/**
 * A query has failed for want of nodes on one that lost all the others meanwhile: it may be the one that is lost, and another node may
 * answer the same query.
 */
export class CutOff extends QueryError {
  constructor(reason: QueryError) {
    const { message, hint } = reason;
    super("io", `${message}; this node has lost all others`, { cause: reason, ...(hint !== undefined && { hint }) });
  }
}
