import { QueryError } from "@headcut/plan";
import { isGlob } from "../glob.ts";
import { folderPattern, globPattern, type KeyPattern } from "./key-pattern.ts";
import { type ObjectLocation, objectPath } from "./location.ts";
import type { ListedObject, ListPage, ObjectVersion } from "./object-client.ts";

/** The two ways to ask a store for its keys. */
interface KeyRequests {
  /** Undefined: there is no such object. */
  head(location: ObjectLocation): Promise<ObjectVersion | undefined>;
  list(prefix: string, flat: boolean, token: string | undefined): Promise<ListPage>;
}

/**
 * What a path means: an object; with wildcards, those that match; ending with a slash, or where there is no such object, the Parquet files
 * of the folder. Throws QueryError "io" when there are none.
 */
export const findKeys = async (location: ObjectLocation, requests: KeyRequests): Promise<readonly ListedObject[]> => {
  const { key } = location;
  const path = objectPath(location);
  if (isGlob(key)) {
    const found = await listAll(globPattern(key), requests);
    // A key may have such characters itself.
    const exact = found.find((object) => object.key === key);
    if (found.length === 0) throw new QueryError("io", `no files match ${path}`);
    return exact === undefined ? found : [exact];
  }
  if (key === "" || key.endsWith("/")) {
    const found = await listAll(folderPattern(key), requests);
    if (found.length === 0) throw new QueryError("io", `no Parquet files in ${path}`);
    return found;
  }
  const version = await requests.head(location);
  if (version !== undefined) return [{ key, ...version }];
  const found = /\.parquet$/i.test(key) ? [] : await listAll(folderPattern(key), requests);
  if (found.length === 0) throw new QueryError("io", `cannot read ${path}: there is no such object`);
  return found;
};

const listAll = async (pattern: KeyPattern, requests: KeyRequests): Promise<readonly ListedObject[]> => {
  const found: ListedObject[] = [];
  let token: string | undefined;
  do {
    const page = await requests.list(pattern.prefix, pattern.flat, token);
    for (const object of page.objects) {
      if (!object.key.endsWith("/") && pattern.matches(object.key)) found.push(object);
    }
    token = page.next;
  } while (token !== undefined);
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
};
