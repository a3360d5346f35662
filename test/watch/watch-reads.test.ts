import { describe, expect, it } from "vitest";
import { volumeNameIn } from "../../src/host/dmsetup-status.ts";
import { daemons } from "../../src/watch/daemons.ts";
import { fillReads, groupReads, readsOf, watchReads } from "../../src/watch/watch-reads.ts";
import { inventory } from "./watched-host.ts";

const [storage] = inventory.primaryStorages;
const uuid = storage?.uuid ?? "";
const linesOf = (reads: object): string[] =>
  Object.values(reads as Record<string, { argv: readonly string[] }>).map(({ argv }) => argv.join(" "));

/**
 * Each was checked by its sources: it takes no lock, writes nothing, opens no path for I/O, and asks no map of multipath.
 * A new command of the watch needs the same check before it is added here.
 */
const QUICK = [
  "date +%s.%N",
  // Sizes come from sysfs: no device is opened for KNAME and SIZE.
  "lsblk -d -n -r -b -o KNAME,SIZE",
  "systemctl show --property=Id,LoadState,ActiveState,UnitFileState -- sanlock.service lvmlockd.service lvm2-lvmlockd.service multipathd.service",
  // From the memory of the daemon.
  "multipathd show paths raw format %w|%m|%i|%d|%t|%T|%n|%r",
  // iscsiadm would start iscsid through its socket.
  "find /sys/class/iscsi_session /sys/class/iscsi_connection -type l -printf %f\\t%l\\n -exec grep -H -s  {}/targetname {}/address {}/port {}/persistent_address {}/persistent_port ;",
  // The memory of lvmlockd: `--info` asks no lock.
  "lvmlockctl --info",
  "sanlock client status -D",
  "sanlock client status -D",
  `sanlock client host_status -D -s lvm_${uuid}`,
];

describe("the commands of the watch", () => {
  it("are these in each observation, and each has a short limit", () => {
    const reads = watchReads([...inventory.primaryStorages]);
    expect(linesOf(reads)).toEqual(QUICK);
    for (const { effect, stdin, timeoutMs, argv } of Object.values(reads)) {
      expect([effect, stdin], argv.join(" ")).toEqual(["read", undefined]);
      if (argv[0] !== "date") expect(timeoutMs).toBeLessThanOrEqual(4_000);
    }
  });

  it("ask multipathd only if it runs: its socket would start it", () => {
    expect(watchReads([]).paths?.onlyIfActive).toBe("multipathd.service");
    for (const read of [...Object.values(watchReads([])), ...Object.values(readsOf("multipathd"))])
      if (read.argv[0] === "multipathd") expect(read.onlyIfActive).toBe("multipathd.service");
  });

  it("are these every few minutes, in a round trip of their own", () => {
    expect(linesOf(fillReads)).toEqual([
      // Without --noflush a thin pool would write its metadata.
      "dmsetup status --noflush --target thin-pool",
      "dmsetup status --noflush --target snapshot",
    ]);
    expect(linesOf(groupReads)).toEqual([expect.stringMatching(/^vgs --readonly /)]);
    expect(linesOf(groupReads)[0]).toContain('--config global/use_lvmlockd=0 devices/hints="none"');
  });

  it("ask a daemon that does not answer alone, and nothing of it with the others", () => {
    for (const daemon of daemons) {
      const own = linesOf(readsOf(daemon));
      const others = linesOf(watchReads([...inventory.primaryStorages], new Set([daemon])));
      expect(own.length).toBeGreaterThan(0);
      expect(others.filter((line) => own.includes(line))).toEqual([]);
    }
    expect(linesOf(watchReads([...inventory.primaryStorages], new Set(["sanlock"]))).join()).not.toContain("sanlock ");
  });
});

describe("a device-mapper name", () => {
  it.each([
    ["7c9e-pool0-tpool", "7c9e", "pool0"],
    ["7c9e-snap1", "7c9e", "snap1"],
    ["my--group-my--volume", "my-group", "my-volume"],
    ["vg-a---tpool", "vg", "a-"],
    ["vg-a--b--c-tpool", "vg", "a-b-c"],
  ])("%s is volume %s/%s", (name, volumeGroup, volume) => {
    expect(volumeNameIn(name)).toEqual({ volumeGroup, volume });
  });
  it.each(["mpatha", "", "-"])("%s is no volume", (name) => {
    expect(volumeNameIn(name)).toBeNull();
  });
});
