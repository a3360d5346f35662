import { expect, it } from "vitest";
import type { Gathered, Reads } from "../../../src/core/host-command.ts";
import { done } from "../../../src/core/outcome.ts";
import type { Gather } from "../../../src/core/step.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { mapSteps } from "../../../src/storage/steps/new-size.ts";
import { lunOnHost } from "../lun-on-host.ts";

const WWID = "36b083fe000daf018000015505abbe00a";
const topology = (first: string, second: string) => `mpatha (${WWID}) dm-2 DELL    ,MD32xx
size=2.2T features='3 queue_if_no_path pg_init_retries 50' hwhandler='1 rdac' wp=rw
|-+- policy='round-robin 0' prio=14 status=active
| \`- 0:0:0:3 sdd 8:48  ${first}
\`-+- policy='round-robin 0' prio=9 status=enabled
  \`- 0:0:1:3 sdg 8:96  ${second}
`;
const WORKS = "active ready running";
const FAILED = "failed faulty offline";

const output = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
/** A host on which every read prints this. */
const prints =
  (stdout: string): Gather =>
  async <R extends Reads>(_host: unknown, reads: R) =>
    Object.fromEntries(
      Object.entries(reads).map(([name, read]) => [name, done(read.parse(output(stdout)))]),
    ) as Gathered<R>;

it.each([
  ["all its paths work", topology(WORKS, WORKS), null],
  ["one of its paths failed", topology(WORKS, FAILED), /paths without an answer now \(sdg\)/],
  ["all its paths failed, and it queues", topology(FAILED, FAILED), /paths without an answer now \(sdd, sdg\)/],
  ["it is gone", "", /has no multipath map of/],
])("a map is resized only if its paths work directly before: %s", async (_what, stdout, why) => {
  const [map = null] = listMultipathMaps.parse(output(topology(WORKS, WORKS)));
  const on = lunOnHost("host1", { map, sizeBytes: 1024 });
  const steps = mapSteps({ lun: { wwid: WWID }, offeredBytes: 2048, hosts: [{ on }] });
  const resizes = steps.filter((step) => "command" in step && step.command.argv.includes("resize"));
  expect(resizes).toHaveLength(2);
  for (const step of resizes) {
    const [guard] = "guard" in step && step.guard ? step.guard : [];
    if (guard === undefined) throw new Error("a resize has no guard");
    const objection = await guard.ask(prints(stdout));
    if (why === null) expect(objection).toBeNull();
    else expect(objection?.reasons.map(({ text }) => text)).toEqual([expect.stringMatching(why)]);
  }
});
