/** What a plan node says of itself: both printers and the JSON form are made from it. */
export interface Description {
  /** `scan`, `hashJoin`, … */
  readonly operator: string;
  /** What the operator does, without its name: `lineitem (l_orderkey#0)`. */
  readonly detail: string;
  /** Further lines below the operator, for what is long: filters, aggregates. */
  readonly lines: readonly string[];
}

export interface PrintedNode extends Description {
  readonly inputs: readonly PrintedNode[];
}

/** The tree as text, two spaces for each level; further lines of a node are marked with a dot. */
export const renderTree = (root: PrintedNode): string => {
  const out: string[] = [];
  const render = (node: PrintedNode, depth: number): void => {
    const indent = "  ".repeat(depth);
    out.push(`${indent}${node.operator}${node.detail === "" ? "" : ` ${node.detail}`}`);
    for (const line of node.lines) out.push(`${indent}  · ${line}`);
    for (const input of node.inputs) render(input, depth + 1);
  };
  render(root, 0);
  return out.join("\n");
};
