import { readFile } from "node:fs/promises";
import type { Security } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";

/** How a command line names what nodes and clients of a cluster trust each other by. Files are PEM. */
export interface SecurityFiles {
  readonly token?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
}

/** Reads the files; the token may also be in HEADCUT_TOKEN, which other users of the machine cannot see. Throws QueryError. */
export const readSecurity = async (files: SecurityFiles): Promise<Security> => {
  const token = files.token ?? process.env.HEADCUT_TOKEN;
  const { tlsCert, tlsKey, tlsCa } = files;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new QueryError("invalid-argument", "--tls-cert and --tls-key go together");
  }
  const [cert, key, ca] = await Promise.all([tlsCert, tlsKey, tlsCa].map(readPem));
  return {
    ...(token !== undefined && token !== "" && { token }),
    ...((cert !== undefined || ca !== undefined) && {
      tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    }),
  };
};

const readPem = async (path: string | undefined): Promise<Buffer | undefined> => {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new QueryError("io", `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
};
