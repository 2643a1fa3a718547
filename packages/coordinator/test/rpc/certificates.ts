import { generate } from "selfsigned";

export interface Signed {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Authority extends Signed {
  /** A certificate for 127.0.0.1 and the name, good for servers and callers. */
  sign(name: string): Promise<Signed>;
}

const DAY_MS = 86_400_000;
const dates = (): { notBeforeDate: Date; notAfterDate: Date } => ({
  notBeforeDate: new Date(Date.now() - DAY_MS),
  notAfterDate: new Date(Date.now() + DAY_MS),
});

/** Who signs certificates, for the time of a test. */
export const createAuthority = async (): Promise<Authority> => {
  const root = await generate([{ name: "commonName", value: "test authority" }], {
    ...dates(),
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  return {
    cert: Buffer.from(root.cert),
    key: Buffer.from(root.private),
    sign: async (name) => {
      const signed = await generate([{ name: "commonName", value: name }], {
        ...dates(),
        keyType: "ec",
        algorithm: "sha256",
        ca: { key: root.private, cert: root.cert },
        extensions: [
          { name: "basicConstraints", cA: false },
          { name: "extKeyUsage", serverAuth: true, clientAuth: true },
          {
            name: "subjectAltName",
            altNames: [
              { type: 2, value: name },
              { type: 7, ip: "127.0.0.1" },
            ],
          },
        ],
      });
      return { cert: Buffer.from(signed.cert), key: Buffer.from(signed.private) };
    },
  };
};
