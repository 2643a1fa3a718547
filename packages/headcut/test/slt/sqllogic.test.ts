import { describe, it } from "vitest";
import { connect, isCluster } from "../target.ts";
import { checkRecord } from "./check-record.ts";
import { readSlt, sltFiles } from "./slt-files.ts";

describe.each(isCluster ? [1] : [1, 2])("sqllogictest files, %i threads", (threads) => {
  it.each(sltFiles())("%s", async (name) => {
    const db = await connect({ threads });
    try {
      for (const record of readSlt(name)) await checkRecord(db, name, record);
    } finally {
      await db.close();
    }
  });
});
