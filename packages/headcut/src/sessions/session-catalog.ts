import type { Engine } from "@headcut/executor";
import { QueryError, type Table } from "@headcut/plan";
import type { StatementCatalog } from "../statements/statement-catalog.ts";
import { readablePaths } from "./readable-paths.ts";
import { forgetName, nameTable, type Session, sessionNames, sessionTable } from "./session.ts";
import type { RegisteredName } from "./statement-ticket.ts";

export interface SessionCatalogOptions {
  readonly session: Session | undefined;
  readonly registered: readonly RegisteredName[];
  readonly cluster: {
    readonly names: readonly string[];
    resolve(name: string): Promise<Table | undefined>;
    /** For all clients; undefined: only the client's own tables are to be dropped. */
    readonly drop: ((name: string) => Promise<void>) | undefined;
  };
  /** Directories of this node whose files clients may name. */
  readonly directories: readonly string[];
  /** By which files and objects are looked at. */
  readonly engine: Pick<Engine, "openParquetTable">;
}

/**
 * What a client's statement sees on a node: the tables of its session, then the names it has registered for files, then the cluster's
 * tables. Made for one statement.
 */
export const sessionCatalog = ({
  session,
  registered,
  cluster,
  directories,
  engine,
}: SessionCatalogOptions): StatementCatalog => {
  const key = (name: string): string => name.toLowerCase();
  const paths = new Map(registered.map((entry) => [key(entry.name), entry]));
  const clusterNames = new Set(cluster.names.map(key));
  const own = (name: string) => session?.names.get(key(name));
  const open = (name: string, files: readonly string[], checkWanted?: () => void): Promise<Table> =>
    engine.openParquetTable(name, readablePaths(files, directories), checkWanted);

  return {
    names: () => {
      const names = new Map<string, string>();
      const all = [...cluster.names, ...registered.map(({ name }) => name), ...(session ? sessionNames(session) : [])];
      for (const name of all) names.set(key(name), name);
      return [...names.values()].sort();
    },
    has: (name) => own(name) !== undefined || paths.has(key(name)) || clusterNames.has(key(name)),
    resolve: async (name, checkWanted) => {
      const table = session && sessionTable(session, name);
      if (table !== undefined) return table;
      const entry = paths.get(key(name));
      return entry === undefined ? cluster.resolve(name) : open(entry.name, entry.paths, checkWanted);
    },
    resolvePath: (path, checkWanted) => open(path, [path], checkWanted),
    memoryTableId: (name) => {
      const entry = own(name);
      if (entry !== undefined) return entry.tableId;
      if (paths.has(key(name))) throw madeOfFiles(name);
      if (clusterNames.has(key(name))) {
        throw ofCluster(name, "no statement changes it", "`headcut load` and Flight's DoPut append to it.");
      }
      throw new QueryError("unknown-table", `there is no table ${name}`);
    },
    addMemory: (name, tableId) => {
      if (session === undefined) throw noSession();
      return nameTable(session, name, tableId);
    },
    remove: (name) => {
      const entry = own(name);
      // A registered name is the client's to forget.
      if (entry === undefined && !paths.has(key(name)) && clusterNames.has(key(name))) {
        if (cluster.drop !== undefined) return cluster.drop(name).then(() => undefined);
        throw ofCluster(name, "there is none of this session", "Run the statement again: the session was lost.");
      }
      return session && forgetName(session, name);
    },
  };
};

const madeOfFiles = (name: string): QueryError =>
  new QueryError("unsupported", `${name} is made of Parquet files, which cannot be changed`, {
    hint: `CREATE TABLE … AS SELECT * FROM ${name} makes a table that can.`,
  });

const ofCluster = (name: string, what: string, hint: string): QueryError =>
  new QueryError("unsupported", `${name} is a table of the cluster: ${what}`, { hint });

export const noSession = (): QueryError =>
  new QueryError("unsupported", "statements that make tables need a session", {
    hint: 'Headcut\'s own client, connect("grpc://…"), keeps one.',
  });
