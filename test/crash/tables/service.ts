import { byHand, lvmlockdDies } from "../../scenario/by-hand.ts";
import type { Story } from "../../scenario/story.ts";
import { luns } from "../../scenario/target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, storageIn } from "../../scenario/two-clusters.ts";
import type { CrashTable } from "../crash-table.ts";

async function isDisabled(story: Story): Promise<void> {
  await addsStorage(story);
  await changes(story, "sharedblock disable ps-1");
  await story.shows("Disable ps-1: done");
}

export const sharedblockDisable: CrashTable = {
  command: "sharedblock disable",
  title: "Disable ps-1",
  async before(story) {
    await addsStorage(story);
    return "sharedblock disable ps-1";
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [{ host: HOST1, program: "pvchange", argument: "n" }],
  checks: [{ host: HOST2, program: "pvs" }],
  nothingOmitted: "ps-1 is disabled already",
  once: /pvchange/,
  records: "last",
};

export const sharedblockEnable: CrashTable = {
  command: "sharedblock enable",
  title: "Enable ps-1",
  async before(story) {
    await isDisabled(story);
    return "sharedblock enable ps-1";
  },
  confirms: null,
  steps: [{ host: HOST1, program: "pvchange", argument: "y" }],
  nothingOmitted: "ps-1 is enabled already",
  once: /pvchange/,
  records: "last",
};

export const sharedblockEnableInMaintenance: CrashTable = {
  command: "sharedblock enable",
  when: "in maintenance",
  title: "Enable ps-1",
  async before(story) {
    await isDisabled(story);
    await changes(story, "sharedblock maintain ps-1", true);
    await story.shows("Take ps-1 into maintenance: done");
    return "sharedblock enable ps-1";
  },
  confirms: null,
  steps: [
    { host: HOST1, program: "vgchange", argument: "--lockstart" },
    { host: HOST1, program: "pvchange", argument: "y" },
  ],
  nothingOmitted: "ps-1 is enabled already",
  once: /vgchange|pvchange/,
  records: "first",
};

export const sharedblockReconnect: CrashTable = {
  command: "sharedblock reconnect",
  title: "Reconnect ps-1",
  // The second host was reinstalled. It has no settings and services, and its kernel does not know the LUN.
  async before(story) {
    await addsStorage(story);
    await story.hosts.powerOff(HOST2);
    await story.hosts.powerOn(HOST2);
    await story.says(`/zstack host show ${HOST2}`);
    await story.shows(`Host ${HOST2}`, "SCSI devices");
    for (const disk of ["sdc", "sdf", "sdi"])
      await byHand(story, HOST2, ["tee", "--", `/sys/block/${disk}/device/delete`], "1\n");
    await byHand(story, HOST2, ["tee", "--", "/etc/lvm/lvmlocal.conf"], "");
    await byHand(story, HOST2, ["systemctl", "disable", "--now", "sanlock.service", "lvmlockd.service"]);
    await story.hosts.flushesMap(luns.blank, HOST2);
    // Its multipath already knows the LUN and has all settings.
    await byHand(story, HOST2, ["multipath", "-a", luns.blank]);
    await byHand(story, HOST2, ["multipathd", "reconfigure"]);
    return "sharedblock reconnect ps-1";
  },
  confirms: null,
  steps: [
    { host: HOST2, program: "tee", argument: "/sys/class/scsi_host/host0/scan" },
    { host: HOST2, program: "udevadm", argument: "settle" },
    { host: HOST2, program: "multipath", argument: "-a" },
    { host: HOST2, program: "multipathd", argument: "reconfigure" },
    { host: HOST2, program: "cp", argument: "/etc/lvm/lvmlocal.conf" },
    { host: HOST2, program: "tee", argument: "/etc/lvm/lvmlocal.conf.zstack-chatops" },
    { host: HOST2, program: "mv", argument: "/etc/lvm/lvmlocal.conf" },
    { host: HOST2, program: "systemctl", argument: "enable" },
    { host: HOST2, program: "vgchange", argument: "--lockstart" },
  ],
  checks: [{ host: HOST3, program: "lvmlockctl" }],
  nothingOmitted: null,
  once: /vgchange/,
  records: "never",
};

export const sharedblockReconnectOrphan: CrashTable = {
  command: "sharedblock reconnect",
  when: "with an orphaned lease",
  title: `Reconnect ${HOST2} to ps-1`,
  async before(story) {
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
    await story.hosts.activates(group, "vol-1", HOST2);
    await lvmlockdDies(story, HOST2);
    await byHand(story, HOST2, ["lvchange", "--activate", "n", "--", `${group}/vol-1`]);
    return `sharedblock reconnect ps-1 ${HOST2}`;
  },
  confirms: null,
  steps: [
    { host: HOST2, program: "sanlock", argument: "command" },
    { host: HOST2, program: "sanlock", argument: "rem_lockspace" },
    { host: HOST2, program: "vgchange", argument: "--lockstart" },
  ],
  nothingOmitted: null,
  once: /vgchange|rem_lockspace/,
  records: "never",
};
