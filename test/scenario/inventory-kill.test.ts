import { tellsOfKills } from "./kill-table.ts";
import type { Story } from "./story.ts";
import { addsStorage, changes, HOST1, HOST3, storageIn } from "./two-clusters.ts";

/** What these change is the inventory alone: hosts are only read. */
const onlyRecords = {
  confirms: (story: Story) => story.clicks("Confirm"),
  steps: [],
  once: /./,
  records: "last",
} as const;

tellsOfKills("an import", {
  ...onlyRecords,
  title: "into cluster-1 as ps-1",
  // The volume group stays on the disks and the hosts keep their leases; the bot has never heard of them.
  async before(story) {
    await addsStorage(story);
    const { uuid } = storageIn(story);
    await story.bot.world.inventory.apply([{ kind: "primary storage removed", uuid }]);
    return `sharedblock import cluster-1 ${uuid} name=ps-1`;
  },
  checks: [{ host: HOST1, program: "vgs" }],
  nothingLeft: "it is in the inventory already, as ps-1",
});

tellsOfKills("the removal of a host", {
  ...onlyRecords,
  title: `Remove host ${HOST3}`,
  async before(story) {
    await addsStorage(story);
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    return `host remove ${HOST3}`;
  },
  checks: [{ host: HOST3, program: "sanlock" }],
  nothingLeft: "it is not in the inventory",
});

tellsOfKills("the addition of a host", {
  ...onlyRecords,
  title: `Trust ${HOST3} and add it to cluster-1`,
  async before(story) {
    const { address, port, user } = hostIn(story, HOST3);
    await changes(story, `host remove ${HOST3}`);
    await story.shows(`Remove host ${HOST3}: done`);
    return `host add ${HOST3} address=${address} port=${port} user=${user} cluster=cluster-1`;
  },
  checks: [{ host: HOST3, program: "uname" }],
  nothingLeft: `the name ${HOST3} is taken`,
});

function hostIn(story: Story, name: string) {
  const host = story.bot.world.inventory.current().hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`${name} is not in the inventory`);
  return host;
}
