import { afterEach, beforeEach, describe, expect } from "vitest";
import { becomesRocky, byHand } from "./by-hand.ts";
import {
  LIMIT_MS as EACH_MS,
  first,
  guarded,
  loggedIn,
  login,
  logins,
  luns,
  second,
  sessionsOf,
  shared,
} from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itEverywhere as it, itAtLength, itInFull, itSimulated, luns as labLuns, patient, target } from "./target.ts";
import { HOST1, HOST2, HOST3 } from "./two-clusters.ts";

const HOSTS = [HOST1, HOST2, HOST3];
const LIMIT_MS = patient(EACH_MS);

/** In the lab every guest is logged in to the one target there is from the start, and each sees it at ports of its own. */
describe("iscsi login", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  itSimulated("over every portal, now and at boot, and the LUN behind it appears", async () => {
    await story.says(login);
    const plan = await story.shows(
      `Log cluster-1 in to ${shared}`,
      /host1, \S*host2, \S*host3 new record, log in at boot, log in none 172\.20\.14\.12:3260 none/,
      "iqn.1993-08.org.debian:01:",
      "--login",
    );
    expect(textIn(plan)).not.toContain("The form asks for");
    expect(await story.hosts.changes()).toEqual([]);
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 in to ${shared}: done`, "1 LUN appeared", luns.shared, /mpath\w 2\/2/);

    await story.says("/zstack iscsi list cluster-1");
    await story.shows("6 iSCSI sessions", `logged in ${HOSTS.join(", ")} ${second}:3260 ${shared} ${luns.shared}`);
    const record = story.san.file("sharedblock-host2", `/etc/iscsi/nodes/${shared}/${second},3260`);
    expect(record).toContain("node.startup = automatic");
    await story.says(`/zstack lun show cluster-1 ${luns.shared}`);
    await story.shows(luns.shared, "LIO-ORG");
  });

  itAtLength("only once: the same command plans nothing more", async () => {
    const { iqn, portals } = await sessionsOf(story, HOST3);
    const before = await story.hosts.changes();
    await story.says(`/zstack iscsi login ${HOST3} portal=${portals.join(",")} target=${iqn}`);
    const plan = await story.shows("nothing, all is there");
    expect(textIn(plan)).not.toContain("--login");
    await story.clicks("Confirm");
    await story.shows(": done", "0 LUNs appeared", target === "lab" ? labLuns.blank : luns.shared);
    expect(await story.hosts.changes()).toEqual(before);
  });

  itSimulated("finds a LUN that the array has added to the target", async () => {
    await loggedIn(story);
    story.san.array.offerTo(shared, { wwid: "36001405b0a1c2d3e4f5a6b7c8d9e0f12", sizeBytes: 2 * 1024 ** 4 });
    await story.says(login);
    await story.clicks("Confirm");
    await story.shows(": done", "1 LUN appeared");
    await story.shows("LUNs", "36001405b0a1c2d3e4f5a6b7c8d9e0f12");
  });

  itInFull("not without a target: every target of the portals is named with its command", async () => {
    await story.says(`/zstack iscsi login cluster-1 portal=${first},172.20.14.99`);
    await story.shows(
      "Nothing was changed",
      `${shared} at 192.168.77.11:3260, 192.168.77.12:3260`,
      "sharedblock-host3 could not ask 172.20.14.99:3260",
      `/zstack iscsi login cluster-1 portal=${first}:3260,172.20.14.99:3260 target=${guarded}`,
    );
    expect(await story.hosts.changes()).toEqual([]);
  });

  it("not if open-iscsi is missing on a host: the host and the package are named", async () => {
    const { iqn, portals } = await sessionsOf(story, HOST3);
    const before = await story.hosts.changes();
    await story.hosts.fault(HOST3, { kind: "lacks", program: "iscsiadm" });
    await story.says(`/zstack iscsi login ${HOST3} portal=${portals.join(",")} target=${iqn}`);
    await story.shows(
      "Nothing was changed",
      /sharedblock-host3: iscsiadm is not installed.*iscsi-initiator-utils.*open-iscsi/,
    );
    expect(await story.hosts.changes()).toEqual(before);
  });

  itSimulated("after open-iscsi is installed, by the command that the refusal names", async () => {
    await byHand(story, "sharedblock-host2", ["apt-get", "--yes", "remove", "open-iscsi"]);
    await story.says(login);
    await story.shows(
      "Nothing was changed",
      "sharedblock-host2: iscsiadm is not installed",
      "host prepare cluster-1 install=true",
    );
    await story.says("/zstack host prepare cluster-1 install=true");
    await story.shows("Prepare cluster-1", "packages lacks open-iscsi installed by apt-get sharedblock-host2");
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    await loggedIn(story);
  });

  itSimulated("at boot by the unit that starts iscsi.service on RHEL 9", async () => {
    await becomesRocky(story, "sharedblock-host2");
    await story.says(login);
    const plan = await story.shows(`Log cluster-1 in to ${shared}`, "systemctl enable -- iscsi-starter.service");
    expect(textIn(plan)).toContain("systemctl enable -- open-iscsi.service");
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 in to ${shared}: done`);
    const shown = await byHand(story, "sharedblock-host2", [
      "systemctl",
      "show",
      "--property=UnitFileState",
      "--",
      "iscsi.service",
      "iscsi-starter.service",
    ]);
    expect(shown).toBe("UnitFileState=indirect\n\nUnitFileState=enabled\n");
    await story.says(login);
    const again = await story.shows("nothing, all is there");
    expect(textIn(again)).not.toContain("systemctl enable");
  });

  itAtLength("not with the initiator name of another host of the cluster", async () => {
    const { iqn, portals } = await sessionsOf(story, HOST3);
    const file = "/etc/iscsi/initiatorname.iscsi";
    const name = await byHand(story, HOST1, ["cat", file]);
    await byHand(story, HOST3, ["tee", "--", file], name);
    await story.says(`/zstack iscsi login ${HOST3} portal=${portals.join(",")} target=${iqn}`);
    await story.shows(
      "Nothing was changed",
      /sharedblock-host3 and sharedblock-host1 have the same initiator name iqn\./,
    );
  });

  itSimulated("fails at a portal that does not answer, and names the fix", async () => {
    story.san.array.portalAnswers(second, false);
    await story.says(login);
    await story.clicks("Confirm");
    await story.shows(": failed", "Not done", `--portal=${second}:3260 --login`, "connection timed out", login);
    story.san.array.portalAnswers(second, true);
    await story.says(login);
    await story.clicks("Confirm");
    await story.shows(": done");
    expect(await logins(story)).toHaveLength(6);
  });

  itAtLength("shows a session after its portal was cut off", async () => {
    await sessionsOf(story, HOST1);
    const lun = target === "lab" ? labLuns.blank : luns.shared;
    if (target === "simulated") story.san.array.portalAnswers(first, false);
    else for (const host of HOSTS) await story.hosts.failsPath(lun, host);
    await story.says("/zstack iscsi list");
    await story.shows("6 iSCSI sessions of all hosts", /TRANSPORT WAIT, (FAILED|FREE)/, "logged in");
    const degraded = new RegExp(`LUN …${lun.slice(-6)}: degraded, 1/2 paths on sharedblock-host1`);
    const status = async () => {
      await story.says("/zstack multipath status cluster-1");
      return textIn(await story.shows("Multipath of cluster-1"));
    };
    // A real path fails only once the session has been gone for a while.
    await expect.poll(status, { timeout: patient(5_000) }).toMatch(degraded);
  });
});

// The lab has no Fibre Channel.
describe("fc list", () => {
  itSimulated("shows each port with its WWPN and its link", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.says("/zstack fc list cluster-1");
    await story.shows(
      "3 Fibre Channel ports of cluster-1, 3 without a link",
      /sharedblock-host1 host2 Linkdown 21:00:00:24:ff:(?:[0-9a-f]{2}:){2}[0-9a-f]{2} none QLE2692/,
    );
  });
});
