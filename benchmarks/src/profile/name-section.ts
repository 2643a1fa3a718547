// WebAssembly core specification: a module is a sequence of sections (5.5.2); the names that profilers show are a custom
// section "name", whose subsection 1 maps function indices to names (7.4.1).

const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;
const EXPORT_SECTION = 7;
const FUNCTION_NAMES = 1;
const FUNCTION_EXPORT = 0;

/** The module with a name section that gives each exported function the name `rename` makes of its own. */
export const nameExports = (module: Uint8Array, rename: (name: string) => string): Uint8Array => {
  const entries = exportedFunctions(module).sort(([a], [b]) => a - b);
  const map = [
    ...u32(entries.length),
    ...entries.flatMap(([index, name]) => [...u32(index), ...nameBytes(rename(name))]),
  ];
  const content = [...nameBytes("name"), FUNCTION_NAMES, ...u32(map.length), ...map];
  const section = Uint8Array.from([CUSTOM_SECTION, ...u32(content.length), ...content]);
  const named = new Uint8Array(module.length + section.length);
  named.set(module);
  named.set(section, module.length);
  return named;
};

/** Function indices and names of the export section. */
const exportedFunctions = (module: Uint8Array): [number, string][] => {
  const decoder = new TextDecoder();
  let offset = HEADER_BYTES;
  const readU32 = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[offset++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (offset < module.length) {
    const id = module[offset++]!;
    const length = readU32();
    if (id !== EXPORT_SECTION) {
      offset += length;
      continue;
    }
    return Array.from({ length: readU32() }, (): [number, string, number] => {
      const nameLength = readU32();
      const name = decoder.decode(module.subarray(offset, offset + nameLength));
      offset += nameLength;
      const kind = module[offset++]!;
      return [readU32(), name, kind];
    }).flatMap(([index, name, kind]): [number, string][] => (kind === FUNCTION_EXPORT ? [[index, name]] : []));
  }
  return [];
};

/** LEB128. */
const u32 = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)]);

const nameBytes = (name: string): number[] => {
  const bytes = new TextEncoder().encode(name);
  return [...u32(bytes.length), ...bytes];
};
