import { open } from "node:fs/promises";

/** Makes renames and removals in a folder last. */
export const syncDirectory = async (folder: string): Promise<void> => {
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
