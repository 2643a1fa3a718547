/** Compiled modules by their bytes, least recently used dropped first. */
export interface ModuleCache {
  readonly get: (bytes: Uint8Array) => { readonly id: number; readonly module: WebAssembly.Module };
}

/** A module of a few KB takes about ten times its bytes once compiled. */
const MAX_BYTES = 8 << 20;

let nextId = 1;

export const createModuleCache = (maxBytes = MAX_BYTES): ModuleCache => {
  const entries = new Map<string, { readonly id: number; readonly module: WebAssembly.Module }>();
  let held = 0;
  return {
    get: (bytes) => {
      const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
      const found = entries.get(key);
      const entry = found ?? { id: nextId++, module: new WebAssembly.Module(bytes) };
      if (found === undefined) held += key.length;
      else entries.delete(key);
      entries.set(key, entry);
      for (const oldest of entries.keys()) {
        if (held <= maxBytes || oldest === key) break;
        entries.delete(oldest);
        held -= oldest.length;
      }
      return entry;
    },
  };
};
