import type { ScanColumn } from "@headcut/plan";
import type { ByteSource } from "../io/byte-source.ts";
import type { ParquetFileInfo } from "./open-file.ts";
import type { ParquetScanFile } from "./scan-plan.ts";

/** A row group and what its scan reads, while it is decided whether to read it. */
export interface RowGroupCandidate {
  readonly info: ParquetFileInfo;
  readonly rowGroup: number;
  /** Opens the file when it is first asked for. */
  readonly source: () => ByteSource;
  /** By column of the scan. */
  readonly columns: ParquetScanFile["columns"];
  readonly scanColumns: readonly ScanColumn[];
}
