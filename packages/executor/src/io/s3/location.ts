import { QueryError } from "@headcut/plan";

export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

const SCHEME = /^s3:\/\//i;

/** Whether the path leads to an object store instead of a local disk. */
export const isObjectPath = (path: string): boolean => SCHEME.test(path);

/** `s3://bucket/key`; the key may be empty, end with a slash or be a pattern. Throws QueryError "invalid-argument". */
export const parseObjectPath = (path: string): ObjectLocation => {
  const rest = path.replace(SCHEME, "");
  const slash = rest.indexOf("/");
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  if (bucket === "" || /[*?[\]\s]/.test(bucket)) {
    throw new QueryError("invalid-argument", `${path} names no bucket`, { hint: "Write s3://bucket/key." });
  }
  return { bucket, key: slash < 0 ? "" : rest.slice(slash + 1) };
};

export const objectPath = ({ bucket, key }: ObjectLocation): string => `s3://${bucket}/${key}`;
