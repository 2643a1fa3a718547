/** A node's figures by name, labels included; undefined when it does not answer within a second. */
export type NodeMetrics = ReadonlyMap<string, number>;

export const readMetrics = async (http: string): Promise<NodeMetrics | undefined> => {
  try {
    const response = await fetch(`http://${http}/metrics`, { signal: AbortSignal.timeout(1000) });
    return parseMetrics(await response.text());
  } catch {
    return undefined;
  }
};

/** Prometheus' text format. Throws for a line that is none of it. */
export const parseMetrics = (text: string): NodeMetrics => {
  const metrics = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const space = line.lastIndexOf(" ");
    const value = Number(line.slice(space + 1));
    if (space < 0 || Number.isNaN(value)) throw new Error(`no metric: ${line}`);
    metrics.set(line.slice(0, space).replace(/^headcut_/, ""), value);
  }
  return metrics;
};
