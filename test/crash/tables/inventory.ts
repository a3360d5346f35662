import type { Story } from "../../scenario/story.ts";
import { addsStorage, changes, HOST1, HOST3, storageIn } from "../../scenario/two-clusters.ts";
import type { CrashTable } from "../crash-table.ts";

/** These change only the inventory: hosts are only read. */
const onlyRecords = {
  confirms: (story: Story) => story.clicks("Confirm"),
  steps: [],
  once: /./,
  records: "last",
} as const;

export const sharedblockImport: CrashTable = {
  command: "sharedblock import",
  ...onlyRecords,
  title: "into cluster-1 as ps-1",
  // The volume group stays on the LUNs and the hosts keep their leases. The bot does not know them.
  async before(story) {
    await addsStorage(story);
    const { uuid } = storageIn(story);
    await story.bot.world.inventory.apply([{ kind: "primary storage removed", uuid }]);
    return `sharedblock import cluster-1 ${uuid} name=ps-1`;
  },
  checks: [{ host: HOST1, program: "vgs" }],
  nothingOmitted: "it is in the inventory already, as ps-1",
};

export const hostRemove: CrashTable = {
  command: "host remove",
  ...onlyRecords,
  title: `Remove host ${HOST3}`,
  async before(story) {
    await addsStorage(story);
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    return `host remove ${HOST3}`;
  },
  checks: [{ host: HOST3, program: "sanlock" }],
  nothingOmitted: "does not exist",
};

export const hostAdd: CrashTable = {
  command: "host add",
  ...onlyRecords,
  title: `Trust ${HOST3} and add it to cluster-1`,
  async before(story) {
    const { address, port, user } = hostIn(story, HOST3);
    await changes(story, `host remove ${HOST3}`);
    await story.shows(`Remove host ${HOST3}: done`);
    return `host add ${HOST3} address=${address} port=${port} user=${user} cluster=cluster-1`;
  },
  checks: [{ host: HOST3, program: "uname" }],
  nothingOmitted: `${HOST3} is the name of a host`,
};

export const hostTrust: CrashTable = {
  command: "host trust",
  ...onlyRecords,
  title: `Trust the new key of ${HOST3}`,
  // Simulated hosts keep their keys, so the inventory has another one.
  async before(story) {
    const hostKeySha256 = `SHA256:${"A".repeat(43)}`;
    await story.bot.world.inventory.apply([
      { kind: "host key trusted", hostUuid: hostIn(story, HOST3).uuid, hostKeySha256 },
    ]);
    return `host trust ${HOST3}`;
  },
  checks: [{ host: HOST3, program: "uname" }],
  nothingOmitted: "shows the key that the bot trusts already",
};

function hostIn(story: Story, name: string) {
  const host = story.bot.world.inventory.current().hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`${name} is not in the inventory`);
  return host;
}

const runToEnd = { ...onlyRecords, confirms: null } as const;

export const sharedblockRename: CrashTable = {
  ...runToEnd,
  command: "sharedblock rename",
  title: "Rename ps-1 to ps-gold",
  async before(story) {
    await addsStorage(story);
    return "sharedblock rename ps-1 new=ps-gold";
  },
  nothingOmitted: "does not exist",
};

export const sharedblockDescribe: CrashTable = {
  ...runToEnd,
  command: "sharedblock describe",
  title: "Describe ps-1",
  async before(story) {
    await addsStorage(story);
    return "sharedblock describe ps-1 description=databases";
  },
  nothingOmitted: null,
};

export const zoneAdd: CrashTable = {
  ...runToEnd,
  command: "zone add",
  title: "Add zone ZONE-2",
  before: async () => "zone add ZONE-2",
  nothingOmitted: "a zone of that name exists already",
};

export const zoneRemove: CrashTable = {
  ...runToEnd,
  command: "zone remove",
  title: "Remove zone ZONE-2",
  async before(story) {
    await story.says("/zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    return "zone remove ZONE-2";
  },
  nothingOmitted: "does not exist",
};

export const clusterAdd: CrashTable = {
  ...runToEnd,
  command: "cluster add",
  title: "Add cluster cluster-2 to ZONE-1",
  before: async () => "cluster add cluster-2 zone=ZONE-1",
  nothingOmitted: "is the name of a cluster or host",
};

export const clusterRemove: CrashTable = {
  ...runToEnd,
  command: "cluster remove",
  title: "Remove cluster cluster-2",
  async before(story) {
    await story.says("/zstack cluster add cluster-2 zone=ZONE-1");
    await story.shows("Add cluster cluster-2 to ZONE-1: done");
    return "cluster remove cluster-2";
  },
  nothingOmitted: "does not exist",
};
