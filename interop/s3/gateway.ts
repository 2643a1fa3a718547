import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";

export const ACCESS_KEY = "headcut-test-key";
export const SECRET_KEY = "headcut-test-secret-0123456789";
export const BUCKET = "lake";
/** A bucket that everybody may read. */
export const PUBLIC_BUCKET = "public-lake";

/** A real S3-compatible server (versitygw) with two buckets, over a folder of its own. */
export interface Gateway {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  put(key: string, body: Uint8Array | string, bucket?: string): Promise<void>;
  /** Every file of the folder and those in it, at its path below the prefix. */
  putFolder(folder: string, prefix: string): Promise<readonly string[]>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

export const startGateway = async (): Promise<Gateway> => {
  const program = process.env.HEADCUT_VERSITYGW;
  if (program === undefined) throw new Error("run these tests with `npm run test:interop`");
  const folder = mkdtempSync(join(tmpdir(), "headcut-gateway-"));
  const [data, meta] = [join(folder, "data"), join(folder, "meta")];
  for (const path of [data, meta]) mkdirSync(path);
  const port = await freePort();
  const endpoint = `127.0.0.1:${port}`;
  const server = spawn(
    program,
    // biome-ignore format: one option a line reads worse
    ["--access", ACCESS_KEY, "--secret", SECRET_KEY, "--port", endpoint, "--region", "us-east-1", "--keep-alive", "--quiet",
      "--virtual-domain", `localhost:${port}`, "posix", "--sidecar", meta, data],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const client = new S3Client({
    endpoint: `http://${endpoint}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  });
  await untilUp(client, server);
  await client.send(new CreateBucketCommand({ Bucket: PUBLIC_BUCKET }));
  await client.send(new PutBucketPolicyCommand({ Bucket: PUBLIC_BUCKET, Policy: readableByAll(PUBLIC_BUCKET) }));

  const put = async (key: string, body: Uint8Array | string, bucket = BUCKET): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  };
  return {
    port,
    endpoint,
    put,
    putFolder: async (from, prefix) => {
      const keys: string[] = [];
      for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const key = prefix + path.slice(from.length + 1);
        await put(key, readFileSync(path));
        keys.push(key);
      }
      return keys;
    },
    remove: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    },
    close: async () => {
      client.destroy();
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** How to reach the gateway, as `connect` takes it; `port`: that of something in front of it. */
export const settingsOf = (gateway: Gateway, port = gateway.port) => ({
  endpoint: `127.0.0.1:${port}`,
  useSsl: false,
  accessKeyId: ACCESS_KEY,
  secretAccessKey: SECRET_KEY,
});

const untilUp = async (client: S3Client, server: ChildProcess): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
      return;
    } catch (error) {
      if (attempt > 20 || server.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const readableByAll = (bucket: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:GetObject", "s3:ListBucket"],
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      },
    ],
  });
