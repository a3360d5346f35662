import type { Story } from "../../scenario/story.ts";
import { ending, luns } from "../../scenario/target.ts";
import { addsStorage, HOST1, HOST2, HOST3 } from "../../scenario/two-clusters.ts";
import { type CrashTable, settingSteps, wipingSteps } from "../crash-table.ts";

const TIBIBYTE = 1024 ** 4;
const extend = `sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`;

export const sharedblockAdd: CrashTable = {
  command: "sharedblock add",
  title: "Add ps-1 to cluster-1",
  before: async () => `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`,
  confirms: (story) => story.confirms(ending(luns.orphan)),
  steps: [
    ...settingSteps(HOST2),
    ...wipingSteps(HOST1),
    { host: HOST1, program: "vgcreate" },
    { host: HOST3, program: "vgchange", argument: "--lockstart" },
  ],
  nothingOmitted: "a storage ps-1 exists already",
  once: /wipefs --all -- |vgcreate|vgchange/,
  records: "both",
};

export const sharedblockExtend: CrashTable = {
  command: "sharedblock extend",
  title: "Extend ps-1",
  async before(story) {
    await addsStorage(story);
    return extend;
  },
  confirms: (story) => story.confirms(ending(luns.orphan)),
  steps: [...wipingSteps(HOST1), { host: HOST1, program: "vgextend" }],
  nothingOmitted: null,
  once: /wipefs --all -- |vgextend/,
  records: "both",
};

export const sharedblockResize: CrashTable = {
  command: "sharedblock resize",
  title: "Resize ps-1",
  async before(story) {
    await addsStorage(story);
    await story.hosts.grows(luns.blank, 3 * TIBIBYTE);
    return "sharedblock resize ps-1";
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST2, program: "tee" },
    { host: HOST2, program: "udevadm" },
    { host: HOST2, program: "multipathd", argument: "resize" },
    { host: HOST1, program: "pvresize" },
  ],
  nothingOmitted: "nothing grew",
  once: /pvresize/,
  records: "last",
};

export const lunForget: CrashTable = {
  command: "lun forget",
  title: `Forget ${luns.failedPath} on the hosts of cluster-1`,
  async before(story) {
    for (const host of story.hosts.names) await story.hosts.unmaps(luns.failedPath, host);
    return `lun forget cluster-1 ${luns.failedPath}`;
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST2, program: "multipath", argument: "-f" },
    { host: HOST2, program: "tee" },
    { host: HOST2, program: "udevadm" },
  ],
  nothingOmitted: null,
  once: /multipath -f|delete/,
  records: "never",
};

export const lunRescue: CrashTable = {
  command: "lun rescue",
  title: `Rescue ${luns.orphan}`,
  async before(story) {
    await addsStorage(story);
    await extendsInVain(story);
    return `lun rescue ${luns.orphan}`;
  },
  confirms: (story) => story.confirms(ending(luns.orphan)),
  steps: [
    { host: HOST1, program: "mkdir", argument: "0700" },
    { host: HOST1, program: "dd", without: "oflag=seek_bytes" },
    { host: HOST1, program: "udevadm", argument: "trigger" },
    { host: HOST2, program: "udevadm", argument: "--timeout=30" },
    { host: HOST1, program: "dd", argument: "oflag=seek_bytes" },
  ],
  nothingOmitted: "is on the LUN",
  once: /oflag=seek_bytes/,
  records: "last",
};

/** The LUN is wiped and claimed, but does not become a part of the volume group. */
async function extendsInVain(story: Story): Promise<void> {
  await story.says(`/zstack ${extend}`);
  await story.shows("Extend ps-1");
  await story.clicks("Confirm");
  await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
  await story.sends(ending(luns.orphan));
  await story.shows("Extend ps-1: failed");
  await story.hosts.heal(HOST1);
}
