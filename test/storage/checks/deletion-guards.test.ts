import { describe, expect, it } from "vitest";
import type { CommandOutput, Gathered, Reads } from "../../../src/core/host-command.ts";
import type { Host } from "../../../src/core/inventory.ts";
import { done } from "../../../src/core/outcome.ts";
import { type Gather, objectionText } from "../../../src/core/step.ts";
import { stoppedGroupGuard } from "../../../src/storage/checks/deletion-guards.ts";

const GROUP = "7c9e6679742540de944be07fc1f90ae7";
const host = (name: string): Host => ({
  uuid: name,
  name,
  clusterUuid: "7c9e6679742540de944be07fc1f90ae8",
  address: "10.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: 2,
});
const [WORKER, WATCHER] = [host("host1"), host("host2")];

const printed = (stdout: string, exitCode = 0): CommandOutput => ({ stdout, stderr: "", exitCode });
const LVMLOCK = `LVM-QyJsQfAihq9GnT5XinRC2X2sSSDwPyFL8F3kz1AbCd0000111122223333444444:0:${GROUP}-lvmlock\n`;
/** What the programs print on a host that has let the group go. */
const LET_GO = {
  lvs: printed('{"report": [{"lv": []}]}'),
  sanlock: printed("daemon 8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.host2\n    monotime=13470\np -1 helper\n"),
  lvmlockctl: printed(""),
  dmsetup: printed("No devices found\n"),
};
type Programs = Record<keyof typeof LET_GO, CommandOutput>;

/** Answers as the programs of the watching host print. */
const gatherFrom =
  (programs: Programs): Gather =>
  async <R extends Reads>(_host: Host, reads: R) => {
    const seen = Object.entries(reads).map(([key, read]) => {
      const [, output] = Object.entries(programs).find(([program]) => program === read.argv[0]) ?? [];
      if (output === undefined) throw new Error(`${read.argv[0]} was not to be asked`);
      return [key, done(read.parse(output))];
    });
    // Every key of R has the outcome of its own read.
    return Object.fromEntries(seen) as Gathered<R>;
  };

async function reasonAgainst(differing: Partial<Programs>): Promise<string | null> {
  const guard = stoppedGroupGuard(WORKER, { luns: [], asked: { asked: [WORKER, WATCHER], unasked: [] } }, GROUP);
  const answers = await Promise.all(guard.map((read) => read.ask(gatherFrom({ ...LET_GO, ...differing }))));
  const [first, ...others] = answers.filter((answer) => answer !== null);
  return first === undefined ? null : objectionText([first, ...others]);
}

describe("a volume group is removed only if no other host uses it", () => {
  it("does not use it", async () => expect(await reasonAgainst({})).toBeNull());

  const space = `s lvm_${GROUP}:2:/dev/mapper/${GROUP}-lvmlock:0\n    list=spaces\n    renew_fail=`;
  it.each<[string, Partial<Programs>, string]>([
    [
      "sanlock's lease, held",
      { sanlock: printed(`${LET_GO.sanlock.stdout}${space}0\n    space_dead=0\n`) },
      "host2: it is in the lockspace of",
    ],
    [
      "sanlock's lease, dropped",
      { sanlock: printed(`${LET_GO.sanlock.stdout}${space}1\n    space_dead=1\n`) },
      "now (dead)",
    ],
    ["lvmlockd's lockspace", { lvmlockctl: printed(`VG ${GROUP} lock_type=sanlock QyJsQf\n`) }, "now (lost)"],
    ["sanlock's volume", { dmsetup: printed(LVMLOCK) }, "host2: it has lvmlock of"],
  ])("has %s", async (_what, differing, why) => expect(await reasonAgainst(differing)).toContain(why));

  it("has none of the programs", async () => {
    const missing = printed("", 127);
    expect(await reasonAgainst({ sanlock: missing, lvmlockctl: missing, dmsetup: missing })).toBeNull();
  });
});
