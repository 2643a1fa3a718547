/** The package's manifest: at the same place beside sources, built code and the bundle. */
export const manifestFile = new URL("../package.json", import.meta.url);
