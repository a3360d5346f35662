import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { ackFigures } from "./ack-time.ts";
import { auditFigures } from "./audit-cost.ts";
import { auditMillionFigures } from "./audit-million.ts";
import { type Figure, printTable } from "./figures.ts";
import { historyFigures } from "./history.ts";
import { lunListFigures } from "./lun-list.ts";
import { parseFigures } from "./parse-rate.ts";
import { startFigures } from "./start-time.ts";
import { deadArrayFigures, watchLoadFigures, watchPostFigures } from "./watch.ts";
import { watchCostFigures } from "./watch-cost.ts";

/** `npm run bench` measures and judges nothing. It fails only if it breaks. With names it runs only these. */
const parts: Readonly<Record<string, (directory: string) => Promise<Figure[]>>> = {
  "lun-list": lunListFigures,
  "parse-rate": parseFigures,
  "ack-time": ackFigures,
  "audit-cost": auditFigures,
  "audit-million": auditMillionFigures,
  "start-time": startFigures,
  history: historyFigures,
  "watch-cost": watchCostFigures,
  "watch-post": watchPostFigures,
  "watch-load": watchLoadFigures,
  "dead-array": deadArrayFigures,
};

async function main(wanted: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "zstack-bench-"));
  try {
    const figures: Figure[] = [];
    for (const [name, measure] of Object.entries(parts)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      process.stderr.write(`${name} …\n`);
      figures.push(...(await measure(directory)));
    }
    const [cpu] = cpus();
    process.stdout.write(
      `${cpu?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}\n\n`,
    );
    printTable(figures);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
