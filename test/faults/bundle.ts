import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { buildIfStale, forNode } from "../../scripts/build.mjs";
import { argumentsOf } from "../programs.ts";

export interface Bundle {
  readonly bot: string;
  readonly disk: string;
  readonly oneSeed: string;
}

/** The bot as users run it. Next to it, one file each: what fills its disk, and what runs one seed. */
export async function bundleInto(directory: string): Promise<Bundle> {
  await buildIfStale();
  await build({
    ...forNode,
    entryPoints: { disk: "test/faults/full-disk.ts", "one-seed": "test/faults/one-seed.ts" },
    outdir: directory,
    outExtension: { ".js": ".mjs" },
  });
  // A copy, so that a later build does not change this run.
  const [program = ""] = argumentsOf("start");
  const bot = join(directory, "bot.mjs");
  await copyFile(program, bot);
  return { bot, disk: join(directory, "disk.mjs"), oneSeed: join(directory, "one-seed.mjs") };
}
