/** Messages of Flight.proto (https://github.com/apache/arrow/blob/main/format/Flight.proto), by its names. */

export type FlightDescriptor =
  | { readonly kind: "command"; readonly command: Uint8Array }
  | { readonly kind: "path"; readonly path: readonly string[] };

export interface FlightEndpoint {
  readonly ticket: Uint8Array;
  /** URIs such as `grpc+tcp://host:port`; none: where the FlightInfo came from. */
  readonly locations: readonly string[];
  /** Milliseconds since 1970. */
  readonly expirationTimeMs?: number;
  readonly appMetadata?: Uint8Array;
}

export interface FlightInfo {
  /** An encapsulated schema message (`encapsulate`), or empty when it is not known. */
  readonly schema: Uint8Array;
  readonly descriptor: FlightDescriptor | undefined;
  readonly endpoints: readonly FlightEndpoint[];
  /** -1 when it is not known. */
  readonly totalRecords: number;
  /** -1 when it is not known. */
  readonly totalBytes: number;
  /** Whether the rows of the endpoints follow each other in order. */
  readonly ordered: boolean;
  readonly appMetadata?: Uint8Array;
}

export interface PollInfo {
  readonly info: FlightInfo | undefined;
  /** What to poll next; undefined: the query is done. */
  readonly descriptor: FlightDescriptor | undefined;
  /** 0 … 1 */
  readonly progress?: number;
  readonly expirationTimeMs?: number;
}

export interface Action {
  readonly type: string;
  readonly body: Uint8Array;
}

export interface ActionType {
  readonly type: string;
  readonly description: string;
}
