import { QueryError } from "@headcut/plan";

/**
 * How to reach an S3-compatible store; named as DuckDB's secrets name it. What is absent comes from the environment
 * (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID …) and from there on from where the AWS tools look.
 */
export interface S3Settings {
  /** `https://host:port`, or `host:port` with `useSsl`. Absent: Amazon's. */
  readonly endpoint?: string;
  /** Whether the bucket stands in the path or in the host's name. By default "path" where there is an endpoint. */
  readonly urlStyle?: "path" | "vhost";
  /** For an endpoint without a scheme; default true. */
  readonly useSsl?: boolean;
  /** Default us-east-1. */
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** How often a request that may succeed later is made again; default 7, some 12 seconds. */
  readonly retries?: number;
  /** How long a request may go without getting on; default 10 seconds. */
  readonly timeoutMs?: number;
}

/** The settings with everything that the environment says. */
export interface ResolvedSettings {
  /** With its scheme. */
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
  readonly region: string | undefined;
  /** Absent: the chain of the AWS tools, and without any the requests are anonymous. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
  readonly retries: number;
  readonly timeoutMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_RETRIES = 7;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Throws QueryError "invalid-argument". Errors never show a key. */
export const resolveSettings = (settings: S3Settings, environment: Environment): ResolvedSettings => {
  const { urlStyle, region, accessKeyId, secretAccessKey, sessionToken } = settings;
  const { retries = DEFAULT_RETRIES, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
  if (urlStyle !== undefined && urlStyle !== "path" && urlStyle !== "vhost") {
    throw invalid(`urlStyle must be "path" or "vhost", not ${JSON.stringify(urlStyle)}`);
  }
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw invalid("accessKeyId and secretAccessKey go together");
  }
  if (sessionToken !== undefined && accessKeyId === undefined) {
    throw invalid("sessionToken goes with accessKeyId and secretAccessKey");
  }
  if (!Number.isInteger(retries) || retries < 0) throw invalid("retries must be a whole number from 0 on");
  if (!(timeoutMs > 0)) throw invalid("timeoutMs must be a positive number");
  const endpoint = withScheme(settings.endpoint ?? endpointOf(environment), settings.useSsl ?? true);
  return {
    endpoint,
    forcePathStyle: (urlStyle ?? (endpoint === undefined ? "vhost" : "path")) === "path",
    region: region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    retries,
    timeoutMs,
  };
};

const endpointOf = (environment: Environment): string | undefined =>
  environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true"
    ? undefined
    : environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined;

const withScheme = (endpoint: string | undefined, useSsl: boolean): string | undefined => {
  if (endpoint === undefined) return undefined;
  const url = /^https?:\/\//i.test(endpoint) ? endpoint : `${useSsl ? "https" : "http"}://${endpoint}`;
  if (!URL.canParse(url)) throw invalid("endpoint must be a URL, or host:port");
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") throw invalid("endpoint must not hold credentials");
  return url;
};

const invalid = (reason: string): QueryError => new QueryError("invalid-argument", `s3: ${reason}`);
