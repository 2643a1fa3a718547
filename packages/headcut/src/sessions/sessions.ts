import { QueryError } from "@headcut/plan";
import type { StatementTables } from "../statements/statement-context.ts";
import { boundedTables } from "./bounded-tables.ts";
import type { Session } from "./session.ts";
import type { SessionReference } from "./statement-ticket.ts";

export interface SessionLimits {
  readonly maxSessions: number;
  /** Of all tables of one session. */
  readonly maxBytes: number;
  /** A session of which nothing is heard for so long is closed. */
  readonly idleMs: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = { maxSessions: 256, maxBytes: 2 ** 30, idleMs: 5 * 60_000 };

/** The sessions of clients on one node. */
export interface Sessions {
  /**
   * The session, kept from being closed until `release`. Throws QueryError "closed" when there is none and the reference does not ask
   * for one, "out-of-memory" when there are too many.
   */
  hold(reference: SessionReference): { readonly session: Session; release(): void };
  /** Its client is still there. False when the session is not. */
  touch(id: string): boolean;
  /** Drops its tables, once the statements that run in it have ended. False when there was none. */
  close(id: string): boolean;
  count(): number;
  closeAll(): void;
}

interface Entry {
  readonly session: Session;
  holders: number;
  lastHeardMs: number;
}

const CHECKS_PER_IDLE_TIME = 4;

export const openSessions = (tables: StatementTables, limits: SessionLimits = DEFAULT_SESSION_LIMITS): Sessions => {
  const entries = new Map<string, Entry>();

  const close = (id: string): boolean => {
    const entry = entries.get(id);
    entries.delete(id);
    if (entry?.holders === 0) entry.session.tables.dropAll();
    return entry !== undefined;
  };
  const timer = setInterval(() => {
    for (const [id, { holders, lastHeardMs }] of entries) {
      if (holders === 0 && performance.now() - lastHeardMs > limits.idleMs) close(id);
    }
  }, limits.idleMs / CHECKS_PER_IDLE_TIME).unref();

  const open = ({ id, create }: SessionReference): Entry => {
    const found = entries.get(id);
    if (found !== undefined) return found;
    if (!create) {
      throw new QueryError(
        "closed",
        "the session is not on this node: it was closed, was idle for too long, or the node was started anew",
      );
    }
    if (entries.size >= limits.maxSessions) {
      throw new QueryError("out-of-memory", `this node has ${limits.maxSessions} sessions with tables of their own`, {
        hint: "Close connections that are not needed, or connect to another node.",
      });
    }
    const session = { id, tables: boundedTables(tables, limits.maxBytes), names: new Map(), version: 0 };
    const entry = { session, holders: 0, lastHeardMs: performance.now() };
    entries.set(id, entry);
    return entry;
  };

  return {
    hold: (reference) => {
      const entry = open(reference);
      entry.holders++;
      let held = true;
      return {
        session: entry.session,
        release: () => {
          if (!held) return;
          held = false;
          entry.holders--;
          entry.lastHeardMs = performance.now();
          if (entry.holders === 0 && entries.get(reference.id) !== entry) entry.session.tables.dropAll();
        },
      };
    },
    touch: (id) => {
      const entry = entries.get(id);
      if (entry !== undefined) entry.lastHeardMs = performance.now();
      return entry !== undefined;
    },
    close,
    count: () => entries.size,
    closeAll: () => {
      clearInterval(timer);
      for (const id of [...entries.keys()]) close(id);
    },
  };
};
