import { addsStorage, changes, HOST1, HOST2, HOST3, storageIn } from "../../scenario/two-clusters.ts";
import type { CrashTable } from "../crash-table.ts";

export const sharedblockDelete: CrashTable = {
  command: "sharedblock delete",
  title: "Delete ps-1",
  async before(story) {
    await addsStorage(story);
    const group = storageIn(story).uuid;
    for (const name of ["vol-1", "vol-2"]) await story.hosts.makesVolume(group, name, 1024 ** 3);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    return "sharedblock delete ps-1 volumes=destroy";
  },
  confirms: (story) => story.confirms("ps-1"),
  steps: [
    { host: HOST1, program: "vgchange", argument: "--lockstart" },
    { host: HOST1, program: "lvremove" },
    { host: HOST1, program: "vgremove" },
    { host: HOST2, program: "udevadm", argument: "trigger" },
    { host: HOST3, program: "udevadm", argument: "--timeout=30" },
    { host: HOST1, program: "pvremove" },
  ],
  nothingOmitted: "does not exist",
  once: /lvremove|vgremove|pvremove/,
  records: "last",
};
