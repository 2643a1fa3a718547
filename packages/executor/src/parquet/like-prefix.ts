const utf8 = new TextEncoder();

/** The bytes that every string matching a LIKE pattern begins with: the pattern up to its first wildcard. */
export const likePrefix = (pattern: string, escapeChar: string | undefined): Uint8Array => {
  let prefix = "";
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === escapeChar) {
      const escaped = chars[++i];
      if (escaped === undefined) break;
      prefix += escaped;
    } else if (char === "%" || char === "_") break;
    else prefix += char;
  }
  return utf8.encode(prefix);
};

export const bytesStartWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);
