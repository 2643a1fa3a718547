import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import type { ByteRange, ListPage, ObjectClient, ObjectVersion } from "./object-client.ts";
import { RequestFailure, requestFailure } from "./request-failure.ts";
import type { ResolvedSettings } from "./settings.ts";

/** Where a region has to be named but matters to nobody. */
const DEFAULT_REGION = "us-east-1";
const CONNECTION_TIMEOUT_MS = 5000;

/** The client of a store, over connections that are kept. This file loads the S3 library: import it when it is needed. */
export const openAwsClient = async (settings: ResolvedSettings, maxSockets: number): Promise<ObjectClient> => {
  const config = clientConfig(settings, maxSockets);
  let client = withoutWarning(() => new S3Client(config));
  const region = await client.config.region().catch(() => undefined);
  const identity = await client.config.credentials().catch(() => undefined);
  if (region === undefined || identity === undefined) {
    client.destroy();
    client = new S3Client({
      ...config,
      ...(region === undefined && { region: DEFAULT_REGION }),
      // Public buckets want no signature; the library wants credentials all the same.
      ...(identity === undefined && {
        credentials: { accessKeyId: "anonymous", secretAccessKey: "" },
        signer: { sign: async (request) => request },
      }),
    });
  }

  /** Credentials may be renewed, so they are asked for when they must be kept out of a message. */
  const failure = async (error: unknown): Promise<RequestFailure> => {
    const current = identity === undefined ? undefined : await client.config.credentials().catch(() => identity);
    const { accessKeyId = "", secretAccessKey = "", sessionToken = "" } = current ?? {};
    return requestFailure(error, [accessKeyId, secretAccessKey, sessionToken]);
  };
  const sent = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      throw await failure(error);
    }
  };

  return {
    head: async ({ bucket, key }, signal) => {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
      const { ETag, ContentLength } = await sent(client.send(command, { abortSignal: signal }));
      return versionOf(ETag, ContentLength);
    },

    get: async ({ bucket, key }, etag, { start, end }, signal) => {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        Range: `bytes=${start}-${end - 1}`,
        IfMatch: `"${etag}"`,
      });
      const output = await sent(client.send(command, { abortSignal: signal }));
      const body = output.Body as AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown };
      return { etag: bareTag(output.ETag), range: rangeOf(output), bytes: bodyOf(body, signal, failure) };
    },

    list: async (bucket, prefix, flat, token, signal) => {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(flat && { Delimiter: "/" }),
        ...(token !== undefined && { ContinuationToken: token }),
      });
      return pageOf(await sent(client.send(command, { abortSignal: signal })));
    },

    close: () => client.destroy(),
  };
};

/** The library warns once of Node releases that its later versions will not support: that is for us to heed, not for our users. */
const withoutWarning = <T>(run: () => T): T => {
  const before = process.env[NO_WARNING];
  process.env[NO_WARNING] = "true";
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env[NO_WARNING];
    else process.env[NO_WARNING] = before;
  }
};

const NO_WARNING = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

const clientConfig = (settings: ResolvedSettings, maxSockets: number): S3ClientConfig => {
  const agent = { keepAlive: true, maxSockets };
  return {
    forcePathStyle: settings.forcePathStyle,
    ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
    ...(settings.region !== undefined && { region: settings.region }),
    ...(settings.credentials !== undefined && { credentials: settings.credentials }),
    followRegionRedirects: settings.endpoint === undefined,
    // The library's default checksums are more than most other stores know.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Attempts are ours (attempts.ts): they also take up answers that broke off.
    maxAttempts: 1,
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketAcquisitionWarningTimeout: 2 ** 30,
    },
  };
};

/** The bytes as they come; an abort ends the connection at once. */
async function* bodyOf(
  body: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown },
  signal: AbortSignal,
  failure: (error: unknown) => Promise<RequestFailure>,
): AsyncGenerator<Uint8Array> {
  const end = (): void => {
    body.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  };
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    yield* body;
  } catch (error) {
    if (signal.aborted) throw error;
    const { kind, message } = await failure(error);
    // What breaks an answer off may not break off the next.
    throw new RequestFailure(kind === "final" ? "transient" : kind, message);
  } finally {
    signal.removeEventListener("abort", end);
    body.destroy();
  }
}

const bareTag = (etag: string | undefined): string => {
  if (etag === undefined) throw new RequestFailure("final", "the store tells no ETag, which tells contents apart");
  return etag.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
};

const versionOf = (etag: string | undefined, size: number | undefined): ObjectVersion => {
  if (size === undefined) throw new RequestFailure("final", "the store does not tell the object's size");
  return { etag: bareTag(etag), sizeBytes: size };
};

/** `bytes 0-99/1000`; without it, the whole object was sent. */
const rangeOf = ({ ContentRange, ContentLength }: GetObjectCommandOutput): ByteRange => {
  const match = /^bytes (\d+)-(\d+)\//.exec(ContentRange ?? "");
  if (match !== null) return { start: Number(match[1]), end: Number(match[2]) + 1 };
  return { start: 0, end: ContentLength ?? 0 };
};

const pageOf = ({ Contents = [], NextContinuationToken, IsTruncated }: ListObjectsV2CommandOutput): ListPage => {
  if (IsTruncated === true && !NextContinuationToken) {
    throw new RequestFailure("final", "the store listed a part of the keys, but does not tell how to go on");
  }
  return {
    objects: Contents.flatMap(({ Key, ETag, Size }) =>
      Key === undefined ? [] : [{ key: Key, ...versionOf(ETag, Size) }],
    ),
    next: IsTruncated === true ? NextContinuationToken : undefined,
  };
};
