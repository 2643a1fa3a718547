import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/**
 * A file that appears under its name only when it is whole: it is written under a temporary name, made durable
 * and then renamed. A run that is cut off leaves the temporary file, which the next run removes.
 */
export class ShardFile {
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #handle: FileHandle;

  private constructor(path: string, temporaryPath: string, handle: FileHandle) {
    this.#path = path;
    this.#temporaryPath = temporaryPath;
    this.#handle = handle;
  }

  static async create(path: string): Promise<ShardFile> {
    const temporaryPath = `${path}${TEMPORARY_SUFFIX}${randomBytes(4).toString("hex")}`;
    return new ShardFile(path, temporaryPath, await open(temporaryPath, "wx"));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; )
      written += (await this.#handle.write(bytes, written, bytes.length - written)).bytesWritten;
  }

  /** Makes the file durable and gives it its name. */
  async commit(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporaryPath, this.#path);
  }

  /** Removes what has been written. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#temporaryPath, { force: true });
  }
}

export const TEMPORARY_SUFFIX = ".tmp-";
