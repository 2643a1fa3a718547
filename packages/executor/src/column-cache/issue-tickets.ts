import { storageLayout, storageOf } from "../layout/storage.ts";
import type { MorselChunk, ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { ColumnCache } from "./column-cache.ts";

/** The plan with a ticket for every column chunk that may be in the cache, or go there. */
export const issueTickets = (cache: ColumnCache, plan: ParquetScanPlan): ParquetScanPlan => {
  cache.beginScan();
  const morsels = plan.morsels.map((morsel) => {
    const file = plan.files[morsel.file]!;
    const chunks = morsel.chunks.map((chunk, i): MorselChunk | undefined => {
      const column = file.columns[i];
      if (chunk === undefined || column?.kind !== "flat") return undefined;
      const storage = storageOf(column.type);
      const valueBytes = storageLayout[storage].bytes + (column.optional ? 1 : 0);
      const bytes = morsel.rowCount * valueBytes + (storage === "string" ? chunk.uncompressedLength : 0);
      const ticket = cache.ticket(file, { rowGroup: morsel.rowGroup, leaf: column.leaf, bytes });
      return ticket === undefined ? chunk : { ...chunk, ticket };
    });
    return { ...morsel, chunks };
  });
  return { ...plan, morsels };
};
