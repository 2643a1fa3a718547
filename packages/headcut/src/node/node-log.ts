/** One line per event, for people and for collectors of logs. */
export type NodeLog = (event: string, fields?: Readonly<Record<string, string | number | undefined>>) => void;

/** `2026-01-02T03:04:05.678Z joined node=node-1 address=10.0.0.1:8815`; values with spaces in quotes. */
export const writeLog: NodeLog = (event, fields = {}) => {
  const parts = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${/^[^\s"=]+$/.test(String(value)) ? value : JSON.stringify(value)}`],
  );
  process.stderr.write(`${[new Date().toISOString(), event, ...parts].join(" ")}\n`);
};
