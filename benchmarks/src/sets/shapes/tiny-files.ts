import { random, type Shape } from "./shape.ts";

const FILES = 10_000;
const ROWS_PER_FILE = 100;

/** A table in 10,000 files of 100 rows, of one day each. */
export const tinyFiles: Shape = {
  tables: [
    {
      name: "events",
      rows: () => `
        SELECT i AS event, DATE '2020-01-01' + CAST(i // ${ROWS_PER_FILE} AS INTEGER) AS day,
          CAST(${random(1, 30)} AS INTEGER) AS kind, 'user ' || ${random(2, 5000)} AS name, ${random(3, 1000)} AS size
        FROM range(${FILES * ROWS_PER_FILE}) AS r(i)`,
      files: FILES,
    },
  ],
  queries: {
    "files-count": "SELECT count(*) AS n FROM events",
    "files-groups":
      "SELECT kind, count(*) AS n, sum(size) AS total, min(name) AS first FROM events GROUP BY kind ORDER BY kind",
    "files-one-day": "SELECT event, name FROM events WHERE day = DATE '2021-06-01' ORDER BY event",
    "files-top": "SELECT event, size FROM events ORDER BY size DESC, event LIMIT 10",
  },
};
