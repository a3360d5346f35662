import { afterEach, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { alice, bob, Story } from "./story.ts";
import { itEverywhere as it, itAtLength, itSimulated, luns, patient } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3 } from "./two-clusters.ts";

const LIMIT_MS = patient(30_000);

describe("inventory: zones, clusters and hosts", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  it("zones and clusters are added, listed, shown and removed while they are empty", async () => {
    await story.says("/zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    await story.says("/zstack cluster add cluster-2 zone=ZONE-2");
    await story.shows("Add cluster cluster-2 to ZONE-2: done");
    await story.says("/zstack cluster list");
    await story.shows("cluster-2 none 0 ZONE-2", "cluster-1 none 3 ZONE-1");
    await story.says("/zstack zone remove ZONE-2");
    await story.shows("Nothing was changed", "cluster cluster-2 is in it", "/zstack cluster remove cluster-2");
    await story.says("/zstack cluster remove cluster-2");
    await story.shows("Remove cluster cluster-2: done");
    await story.says("/zstack zone remove ZONE-2");
    await story.shows("Remove zone ZONE-2: done");
    await story.says("/zstack inventory");
    await story.shows("sharedblock-host1, sharedblock-host2, sharedblock-host3");
  });

  itAtLength("a zone stays while it has a storage, also one without a cluster", async () => {
    await addsStorage(story);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    for (const host of [HOST1, HOST2, HOST3]) {
      await changes(story, `host remove ${host}`);
      await story.shows(`Remove host ${host}: done`);
    }
    await story.says("/zstack cluster remove cluster-1");
    await story.shows("Remove cluster cluster-1: done");
    await story.says("/zstack zone remove ZONE-1");
    await story.shows("Nothing was changed", "storage ps-1 is in it", "/zstack sharedblock delete ps-1");
  });

  it("a host is added only after a person trusted its key, and logs in with it", async () => {
    const registered = story.bot.world.inventory.current().hosts.find((host) => host.name === "sharedblock-host3");
    if (!registered) throw new Error("the third host is not there");
    await story.says("/zstack host remove sharedblock-host3");
    await story.clicks("Confirm");
    await story.shows("Remove host sharedblock-host3: done");

    const { port, hostKeySha256 } = registered;
    await story.says(`/zstack host add third address=127.0.0.1 port=${port} user=zstack cluster=cluster-1`);
    await story.shows("Trust third", hostKeySha256, "ssh-keygen -lf");
    await story.clicks("Confirm", bob);
    await story.shows("Trust third and add it to cluster-1: done");
    await story.says("/zstack host show third");
    await story.shows("Host third", "hostname:", "sharedblock-host3", "Debian");
  });

  // The lab's guests keep their keys.
  itSimulated("a host with a new key is refused by name until a person trusts the new one", async () => {
    const keyOf = () =>
      story.bot.world.inventory.current().hosts.find(({ name }) => name === HOST3)?.hostKeySha256 ?? "";
    const trusted = keyOf();
    await story.says(`/zstack host trust ${HOST3}`);
    await story.shows("Nothing was changed", `${HOST3} shows the key that the bot trusts already: ${trusted}`);

    await story.hosts.fault(HOST3, { kind: "other host key" });
    const logins = story.san.connections(HOST3);
    await story.says(`/zstack host rescan ${HOST3}`);
    await story.shows(
      "HOST_KEY_CHANGED",
      `but the bot trusts ${trusted}`,
      `Fix if the new key is right: /zstack host trust ${HOST3}`,
    );
    await story.says(`/zstack host prepare ${HOST3}`);
    await story.shows("Nothing was changed", "HOST_KEY_CHANGED", `/zstack host trust ${HOST3}`);
    expect(story.san.connections(HOST3)).toBe(logins);

    await story.says(`/zstack host trust ${HOST3}`);
    const plan = textIn(
      await story.shows(`Trust the new key of ${HOST3}`, "trusted until now", trusted, "ssh-keygen -lf"),
    );
    const shown = plan.match(/SHA256:[A-Za-z0-9+/]+/g)?.find((key) => key !== trusted) ?? "";
    await story.clicks("Confirm", bob);
    await story.shows("ROLE_MISSING", "The role admin of cluster-1 is missing");
    await story.clicks("Confirm", alice);
    await story.shows(`Trust the new key of ${HOST3}: done`);
    expect(keyOf()).toBe(shown);
    await story.says(`/zstack host rescan ${HOST3}`);
    await story.shows(`Rescan ${HOST3}: done`);

    // The earlier key is another key now, for the next connection.
    await story.hosts.heal(HOST3);
    story.san.disconnect(HOST3);
    await story.says(`/zstack host prepare ${HOST3}`);
    await story.shows("HOST_KEY_CHANGED", `shows the key ${trusted}, but the bot trusts ${shown}`);
  });

  itSimulated("a new key is not trusted if the host shows another one at the click", async () => {
    const trusted = story.bot.world.inventory.current().hosts.find(({ name }) => name === HOST3)?.hostKeySha256;
    await story.hosts.fault(HOST3, { kind: "other host key" });
    await story.says(`/zstack host trust ${HOST3}`);
    await story.shows(`Trust the new key of ${HOST3}`);
    await story.hosts.heal(HOST3);
    await story.clicks("Confirm");
    await story.shows(`Trust the new key of ${HOST3}: refused`, "shows the key that the bot trusts already");
    expect(story.bot.world.inventory.current().hosts.find(({ name }) => name === HOST3)?.hostKeySha256).toBe(trusted);
  });

  // The lab itself logs in with the key that the bot has.
  itSimulated("a host that no one can log in to is not registered", async () => {
    const port = story.san.hosts[1]?.port ?? 0;
    await story.says("/zstack host remove sharedblock-host2");
    await story.clicks("Confirm");
    await story.shows("Remove host sharedblock-host2: done");
    await story.hosts.fault("sharedblock-host2", { kind: "refuses key" });
    await story.says(`/zstack host add second address=127.0.0.1 port=${port} cluster=cluster-1`);
    await story.clicks("Confirm");
    await story.shows(/Trust second and add it to cluster-1: (refused|failed|unknown)/, "authorized_keys");
    expect(story.bot.world.inventory.current().hosts.map((host) => host.name)).not.toContain("second");
  });

  itAtLength("host rescan reports the LUNs that appeared, per host", async () => {
    for (const host of story.hosts.names) {
      await story.hosts.takes(luns.blank, host);
      await story.hosts.offers(luns.blank, host);
    }
    await story.says("/zstack lun list cluster-1");
    expect(textIn(await story.shows("LUNs on 3 hosts"))).not.toContain(luns.blank);
    await story.says("/zstack host rescan cluster-1");
    await story.shows("Rescan cluster-1: done", "1 LUN appeared", luns.blank);
    await story.says("/zstack host rescan sharedblock-host1");
    await story.shows("Rescan sharedblock-host1: done", "No new LUN appeared");
  });

  itAtLength("the history is shown: operations, their host commands, the audit log", async () => {
    await story.says("/zstack host rescan sharedblock-host1");
    await story.shows("Rescan sharedblock-host1: done");
    await story.says("/zstack operation list");
    await story.shows("op-1", "done", "host rescan sharedblock-host1");
    await story.says("/zstack operation show op-1");
    await story.shows(
      "@alice",
      /sharedblock-host1 done, exit code 0 tee -- \/sys\/class\/scsi_host\/host\d+\/scan/,
      "done",
    );
    await story.says("/zstack audit list last=5");
    await story.shows("The latest operation in the audit log", "op-1", "host rescan sharedblock-host1", "done: ");
    await story.says("/zstack audit list steps=true last=5");
    await story.shows("The latest 5 entries in the audit log", "operation show op-1");
    await story.says("/zstack audit list operation=1");
    await story.shows("The latest operation in the audit log", "op-1", "done: ");
    await story.says("/zstack audit list since=2h who=<@U0BOB0001>");
    await story.shows("Nothing found in the audit log", "No entry of the log matches");
  });

  itAtLength("two operations never change the same things at once", async () => {
    await story.says("/zstack host show sharedblock-host2");
    await story.shows("Host sharedblock-host2", "Debian");
    await story.hosts.fault("sharedblock-host2", { kind: "slow", ms: 1_500 });
    await Promise.all([
      story.says("/zstack host rescan cluster-1"),
      story.says("/zstack host rescan sharedblock-host2", bob),
    ]);
    await story.shows("Rescan cluster-1: done");
    await story.shows("Rescan sharedblock-host2: done");
    const turns = (await story.audit()).flatMap(({ event, operationId }) =>
      event.kind === "began" || event.kind === "ended" ? [operationId] : [],
    );
    expect(turns.filter((id, index) => id !== turns[index - 1])).toHaveLength(2);
  });

  it("help shows the commands, only to the asker", async () => {
    await story.says("/zstack help sharedblock add");
    const answer = await story.shows("sharedblock add CLUSTER wwid=", "It can destroy data");
    expect(answer.onlyFor).toBe(alice);
  });
});
