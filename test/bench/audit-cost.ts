import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AuditLog } from "../../src/flow/ports.ts";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { type Figure, median, ms, timed } from "./figures.ts";

const FEW = 100;
const MANY = 100_000;
const ENTRIES = 500;

/** What one entry of the audit log costs, flushed to the disk, in a short log and in a long one. */
export async function auditFigures(directory: string): Promise<Figure[]> {
  const [short, long] = [await logWith(FEW, join(directory, "short")), await logWith(MANY, join(directory, "long"))];
  const [ofShort, ofLong]: [number[], number[]] = [[], []];
  for (let entry = 0; entry < ENTRIES; entry++) {
    ofShort.push(await timed(() => append(short)));
    ofLong.push(await timed(() => append(long)));
  }
  await Promise.all([short.close(), long.close()]);
  const [few, many] = [median(ofShort), median(ofLong)];
  return [
    { what: `an audit entry on disk, after ${FEW} earlier ones`, measured: ms(few), aim: "" },
    {
      what: `an audit entry on disk, after ${MANY} earlier ones`,
      measured: `${ms(many)} (${(many / few).toFixed(2)} ×)`,
      aim: "about 1 ×",
    },
  ];
}

async function logWith(entries: number, directory: string) {
  await mkdir(directory);
  const log = await openAuditLog(directory);
  for (let written = 0; written < entries; written += 1000) {
    await Promise.all(Array.from({ length: Math.min(1000, entries - written) }, () => append(log)));
  }
  return log;
}

const append = (log: AuditLog) =>
  log.append("U0ALICE01", "op-1", {
    kind: "began",
    stepId: "step-1",
    host: "sharedblock-host1",
    effect: "change",
    argv: ["vgchange", "--lockstart", "--", "3439b98b14f6bc8b35c00a2f54e6eb2e"],
  });
