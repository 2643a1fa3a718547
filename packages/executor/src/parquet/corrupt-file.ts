import { QueryError } from "@headcut/plan";

/** Where in a Parquet file something is wrong or refused. */
export interface FilePlace {
  readonly path: string;
  readonly rowGroup?: number | undefined;
  readonly column?: string | undefined;
  /** Absolute byte offset in the file. */
  readonly offset?: number | undefined;
}

const describePlace = (place: FilePlace): string => {
  const parts: string[] = [];
  if (place.rowGroup !== undefined) parts.push(`row group ${place.rowGroup}`);
  if (place.column !== undefined) parts.push(`column "${place.column}"`);
  if (place.offset !== undefined) parts.push(`byte offset ${place.offset}`);
  return parts.length === 0 ? place.path : `${place.path} (${parts.join(", ")})`;
};

/** The bytes are not what parquet-format allows; `what` is the end of a sentence about the file. */
export const corruptFile = (place: FilePlace, what: string, cause?: unknown): QueryError =>
  new QueryError("corrupt-file", `${describePlace(place)}: ${what}`, cause === undefined ? {} : { cause });

/** The bytes are fine, but we do not read this. */
export const unsupportedFile = (place: FilePlace, what: string, hint?: string): QueryError =>
  new QueryError("unsupported", `${describePlace(place)}: ${what}`, hint === undefined ? {} : { hint });
