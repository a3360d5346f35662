import { describe, expect } from "vitest";
import { becomesCentos7, byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itSimulated, luns, patient } from "./target.ts";

const HOST2 = "sharedblock-host2";

/** The lab's tools print no unexpected line. */
describe.concurrent("any command: one unexpected line of a host's tool", { timeout: patient(60_000) }, () => {
  itSimulated("hides no other map, and makes its own LUN unusable", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const printed = await byHand(story, HOST2, ["multipath", "-ll"]);
    // One path of the LUN is printed in the format of a later version.
    const lines = printed.split("\n");
    const title = lines.findIndex((line) => line.includes(luns.blank));
    const path = lines.findIndex((line, at) => at > title && /- \d+:\d+:\d+:\d+ /.test(line));
    const changed = lines.with(path, (lines[path] ?? "").replace(/- .*/, "- a path in other words"));
    const fault = { kind: "invalid output", program: "multipath", stdout: changed.join("\n") } as const;
    await story.hosts.fault(HOST2, fault);

    await story.says("/zstack lun list cluster-1");
    const list = textIn(await story.shows("LUNs", luns.blank, luns.orphan, "a path in other words"));
    const rowOf = (wwid: string) => list.split("\n").find((line) => line.includes(wwid)) ?? "";
    expect(rowOf(luns.blank)).toContain("not understood");
    expect(rowOf(luns.orphan)).not.toContain("not understood");
    expect(rowOf(luns.orphan)).not.toContain("unknown");

    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.shows("Nothing was changed", `the output of ${HOST2} about ${luns.blank} is not understood`);
  });

  itSimulated("makes no LUN seem empty: a signature in invalid JSON", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    // A label with a quote in it, as util-linux before 2.33 prints it.
    const row = '      {"device":"sdc","offset":"0x438","type":"ext4","uuid":null,"label":"a"b"}\n';
    const stdout = `{\n   "signatures": [\n${row}   ]\n}\n`;
    await story.hosts.fault(HOST2, { kind: "invalid output", program: "wipefs", stdout });
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1 wipe=true`);
    await story.shows("Nothing was changed", HOST2, "wipefs printed");
  });

  itSimulated("has no effect: LVM's own prefixes change no answer", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const conf = 'log {\n\tcommand_names = 1\n\tprefix = "  "\n}\n';
    await byHand(story, HOST2, ["tee", "--append", "--", "/etc/lvm/lvm.conf"], conf);
    await story.says("/zstack lun list cluster-1");
    const list = textIn(await story.shows("LUNs", luns.blank));
    expect(list).not.toContain("Not known");
  });

  itSimulated(
    "of LVM 2.02 about settings of later versions does not hide why a read failed",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await becomesCentos7(story, HOST2);
      const stderr = '  Configuration setting "devices/hints" unknown.\n  /run/lvm: read-only file system\n';
      await story.hosts.fault(HOST2, { kind: "fails", program: "vgs", exitCode: 4, stderr });
      await story.says("/zstack lun list cluster-1");
      await story.shows("LUNs", "/run/lvm: read-only file system");
    },
  );
});
