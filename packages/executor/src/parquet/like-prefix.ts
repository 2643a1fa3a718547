const utf8 = new TextEncoder();

export interface LikePrefix {
  /** The bytes that every matching string begins with: the pattern up to its first wildcard. */
  readonly bytes: Uint8Array;
  /** The pattern has no wildcard: only this string matches. */
  readonly isWhole: boolean;
}

export const likePrefix = (pattern: string, escapeChar: string | undefined): LikePrefix => {
  let prefix = "";
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === escapeChar) {
      const escaped = chars[++i];
      if (escaped === undefined) return { bytes: utf8.encode(prefix), isWhole: false };
      prefix += escaped;
    } else if (char === "%" || char === "_") return { bytes: utf8.encode(prefix), isWhole: false };
    else prefix += char;
  }
  return { bytes: utf8.encode(prefix), isWhole: true };
};

export const bytesStartWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);
