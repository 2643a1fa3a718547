/** What nodes and clients of one cluster share, so that they trust each other. PEM texts; nothing is read from disk here. */
export interface Security {
  /** Every call must carry it. Without one, every caller is let in. */
  readonly token?: string;
  /** Without it, connections are plain. */
  readonly tls?: TlsSecurity;
}

export interface TlsSecurity {
  /** Who signs the certificates of the others; by default the authorities Node knows. */
  readonly ca?: Buffer;
  /** Our own certificate and its key: servers must have them, callers show them when they do. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Servers: whether callers must show a certificate signed by `ca`. By default they must when there is a `ca`. */
  readonly requireClientCertificate?: boolean;
  /** Callers: the name the server's certificate must have, when it is not the host of the address. */
  readonly serverName?: string;
}
