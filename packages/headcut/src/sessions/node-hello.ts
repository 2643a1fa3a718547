import { wire } from "@headcut/plan";

/** Flight's actions of headcut's own client. */
export const HELLO_ACTION = "headcut.hello";
export const CLOSE_SESSION_ACTION = "headcut.session.close";

/** What a client tells a node now and then. */
export interface ClientHello {
  /** A session that is to be kept. */
  readonly session: string | undefined;
}

/** What the node answers. */
export interface NodeHello {
  readonly nodeId: string;
  /** Of all nodes that take statements, `host:port`, this one first. */
  readonly addresses: readonly string[];
  /** Of the cluster. */
  readonly tables: readonly string[];
  /** Of this node's engine: what no query and no in-memory table holds. */
  readonly freeBytes: number;
  /** Whether the client's session is here. */
  readonly hasSession: boolean;
}

const { decodeMessage, encodeMessage, flag, list, natural, object, optional, text } = wire;

const client = object<ClientHello>({ session: optional(text) });
const node = object<NodeHello>({
  nodeId: text,
  addresses: list(text),
  tables: list(text),
  freeBytes: natural,
  hasSession: flag,
});

export const encodeClientHello = (value: ClientHello): Uint8Array => encodeMessage("client-hello", client, value);
export const decodeClientHello = (bytes: Uint8Array): ClientHello => decodeMessage("client-hello", client, bytes);
export const encodeNodeHello = (value: NodeHello): Uint8Array => encodeMessage("node-hello", node, value);
export const decodeNodeHello = (bytes: Uint8Array): NodeHello => decodeMessage("node-hello", node, bytes);
