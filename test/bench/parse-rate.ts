import assert from "node:assert/strict";
import { multipathMaps } from "../../src/host/multipath.ts";
import { type Figure, median, timed } from "./figures.ts";

const MAPS = 10_000;
const PATHS = 4;
const ROUNDS = 10;

/** How fast `multipath -ll` is understood. */
export async function parseFigures(): Promise<Figure[]> {
  const text = Array.from({ length: MAPS }, (_, index) => mapText(index)).join("");
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const taken = await timed(() => {
      const maps = multipathMaps(text);
      assert.equal(maps.length, MAPS);
      assert.ok(maps.every((map) => map.paths.length === PATHS));
      return undefined;
    });
    times.push(taken);
  }
  const seconds = median(times) / 1000;
  const rate = `${Math.round(MAPS / seconds / 1000)} 000 maps/s, ${(Buffer.byteLength(text) / 1e6 / seconds).toFixed(0)} MB/s`;
  return [{ what: `multipath -ll of ${MAPS} maps parsed`, measured: rate, aim: "" }];
}

function mapText(index: number): string {
  const wwid = `36b083fe${index.toString(16).padStart(25, "0")}`;
  const path = (hctl: string, place: number) =>
    `${hctl}:${index} sd${place} ${65 + place}:${index % 256} active ready running`;
  return [
    `mpath${index} (${wwid}) dm-${index} DELL    ,MD32xx`,
    "size=2.0T features='3 queue_if_no_path pg_init_retries 50' hwhandler='1 rdac' wp=rw",
    "|-+- policy='round-robin 0' prio=14 status=active",
    `| |- ${path("0:0:0", 1)}`,
    `| \`- ${path("2:0:0", 2)}`,
    "`-+- policy='round-robin 0' prio=9 status=enabled",
    `  |- ${path("0:0:1", 3)}`,
    `  \`- ${path("2:0:1", 4)}`,
    "",
  ].join("\n");
}
