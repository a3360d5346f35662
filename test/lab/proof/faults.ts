import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import { listScsiHosts, rescanScsiHosts } from "../../../src/host/scsi.ts";
import { performInLab } from "../control.ts";
import { lunNamed } from "../luns.ts";
import { run } from "../places.ts";
import { deviceOf, givenGuests } from "./given-guests.ts";

/** The hosts' own tools see every fault, and its end. */
export function faults(): void {
  const guests = givenGuests();
  beforeAll(() => writeFile(run.traces, ""));
  for (const [lun, hidden, failing] of [
    // A host gets no notice that an iSCSI LUN is gone: the LUN stays with dead paths.
    ["ext4", "0/2", "portal 1 refuses"],
    ["gpt", "none", "offline: gpt path 1"],
  ] as const) {
    it(`fail one path of ${lun} on one host and bring it back`, async () => {
      await performInLab("path-fail", "sharedblock-host2", lun, "1");
      await expect.poll(() => guests.paths(guests.second, lun)).toBe("1/2");
      expect(await guests.paths(guests.first, lun)).toBe("2/2");
      expect(await performInLab("status")).toContain(failing);
      await performInLab("path-restore", "sharedblock-host2", lun, "1");
      await expect.poll(() => guests.paths(guests.second, lun)).toBe("2/2");
    });

    it(`hide ${lun} from one host and show it again`, async () => {
      await performInLab("unmap", "sharedblock-host3", lun);
      await expect.poll(() => guests.paths(guests.third, lun)).toBe(hidden);
      expect(await guests.paths(guests.first, lun)).toBe("2/2");
      await performInLab("map", "sharedblock-host3", lun);
      await guests.change(guests.third, rescanScsiHosts(await guests.read(guests.third, listScsiHosts)));
      await expect.poll(() => guests.paths(guests.third, lun)).toBe("2/2");
    });
  }

  for (const [lun, size] of [
    ["other-vg", 2],
    ["orphan-pv", 10],
  ] as const) {
    it(`grow ${lun}, which every host sees after a rescan of its paths`, async () => {
      await performInLab("grow", lun, `${size}G`);
      // multipathd takes an alias or a kernel name. It knows a map by its WWID only if the map has no alias.
      const rescan = `for map in /sys/block/dm-*; do grep -q "mpath-${lunNamed(lun).wwid}$" $map/dm/uuid || continue
        for path in $map/slaves/*; do echo 1 > $path/device/rescan; done; multipathd resize map \${map##*/}; done`;
      const sizes = await guests.onAll(async (host) => {
        await guests.run(host, "sh", "-c", rescan);
        return Number((await guests.run(host, "blockdev", "--getsize64", deviceOf(lun))).stdout);
      });
      expect(sizes).toEqual(sizes.map(() => size * 1024 ** 3));
    });
  }

  it("let ssh hang without closing, and let it continue", async () => {
    await performInLab("ssh-cut", "sharedblock-host1");
    const asked = guests.run(guests.first, "uname", "-n").then(({ stdout }) => stdout.trim());
    expect(await Promise.race([asked, sleep(4_000, "hangs")])).toBe("hangs");
    await performInLab("ssh-cut", "sharedblock-host1", "off");
    expect(await asked).toBe("sharedblock-host1");
  });

  it("make ssh slow", async () => {
    await performInLab("latency", "sharedblock-host1", "1500");
    const began = Date.now();
    await guests.run(guests.first, "true");
    await performInLab("latency", "sharedblock-host1", "0");
    expect(Date.now() - began).toBeGreaterThan(3_000);
  });

  it("cut the power of a host, and start it again", async () => {
    await guests.run(guests.third, "sh", "-c", "echo kept > /var/tmp/before && sync");
    await performInLab("host-kill", "sharedblock-host3");
    const asked = guests.run(guests.third, "true").then(
      () => "answered",
      () => "failed",
    );
    expect(await Promise.race([asked, sleep(3_000, "no answer")])).toBe("no answer");
    expect(await performInLab("status")).toMatch(/sharedblock-host3 .*not running/);
    await performInLab("host-start", "sharedblock-host3");
    await asked;
    expect((await guests.run(guests.third, "cat", "/var/tmp/before")).stdout).toBe("kept\n");
    expect(await guests.paths(guests.third, "blank-iscsi")).toBe("2/2");
  });

  it("are still there if the lab goes back to a state kept with them, and gone if all is fresh", async () => {
    const remains = async () => (await guests.run(guests.first, "test", "-e", "/var/tmp/fault")).exitCode === 0;
    await guests.run(guests.first, "touch", "/var/tmp/fault");
    await performInLab("keep", "proof");
    await performInLab("reset", "proof");
    expect([await remains(), existsSync(run.traces)]).toEqual([true, true]);
    await performInLab("reset");
    expect([await remains(), existsSync(run.traces)]).toEqual([false, false]);
  });

  it("are refused if they make no sense", async () => {
    await expect(performInLab("path-fail", "sharedblock-host9", "ext4", "1")).rejects.toThrow(
      "there is no host sharedblock-host9",
    );
    await expect(performInLab("path-fail", "1", "ext5", "1")).rejects.toThrow("there is no LUN ext5");
    await expect(performInLab("host-start", "1")).rejects.toThrow("sharedblock-host1 runs already");
    await expect(performInLab("grow", "ext4", "1M")).rejects.toThrow("a LUN only grows");
  });
}
