import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { days } from "../../src/core/freeze.ts";
import { textIn } from "./message-text.ts";
import { bob, Story, until } from "./story.ts";
import { itSimulated, luns, patient } from "./target.ts";
import { addsStorage, HOST1, hasTwoClusters } from "./two-clusters.ts";
import { incidentOf, observesEachHost, quickWatch } from "./watch-words.ts";

const add = `/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;

/** Nothing of a freeze depends on the hosts, so the lab does not run these stories. */
describe("freeze", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  const begun = async () => (await story.audit()).filter(({ event }) => event.kind === "began");
  const stateOf = (id: string) => story.bot.world.operations.get(id)?.state;
  const freezes = async (words: string, ...shown: string[]) => {
    await story.says(`/zstack freeze ${words}`);
    return story.shows(...shown);
  };

  itSimulated(
    "refuses a change before hosts are asked: it says who froze the cluster, why, until when and how it ends",
    async () => {
      await freezes(
        'cluster-1 until=2h reason="switches replaced"',
        "cluster-1 is frozen",
        "until",
        "switches replaced",
      );
      for (const host of story.hosts.names) await story.hosts.fault(host, { kind: "down" });
      await story.says(add, bob);
      const refused = await story.shows("FROZEN", "switches replaced", "Nothing was changed", "unfreeze cluster-1");
      expect(textIn(refused)).toMatch(/cluster-1 is frozen until \d{4}-\d\d-\d\d \d\d:\d\d UTC: switches replaced/);
      expect(textIn(refused)).toContain("frozen by @alice");
      await story.says("/zstack freeze list", bob);
      await story.shows("Frozen now: cluster-1", "switches replaced");
      for (const host of story.hosts.names) await story.hosts.heal(host);
      await story.says("/zstack unfreeze cluster-1");
      await story.shows("cluster-1 is not frozen any more");
      await story.says(add, bob);
      await story.shows("Add ps-1 to cluster-1", "Confirm before");
    },
  );

  itSimulated(
    "of one cluster lets queries, other clusters and the inventory go; of all it refuses each change",
    async () => {
      await hasTwoClusters(story);
      await freezes("cluster-1 reason=audit", "cluster-1 is frozen");
      await story.says("/zstack lun list cluster-1");
      await story.shows("LUNs on 2 hosts");
      await story.says("/zstack zone add ZONE-2");
      await story.shows("Add zone ZONE-2: done");
      await story.says("/zstack host rescan sharedblock-host3");
      await story.shows(/Rescan .*: done/);
      await story.says(`/zstack host rescan ${HOST1}`);
      await story.shows("FROZEN", "cluster-1 is frozen");
      await freezes("all reason=fire", "All clusters are frozen");
      await story.says("/zstack zone add ZONE-3");
      await story.shows("FROZEN", "all clusters are frozen");
      await story.says("/zstack host rescan sharedblock-host3");
      await story.shows("FROZEN", "fire");
      await story.says("/zstack unfreeze all");
      await story.shows("All clusters are not frozen any more");
      await story.says("/zstack zone add ZONE-3");
      await story.shows("Add zone ZONE-3: done");
    },
  );

  itSimulated(
    "is shown above a plan that waits, and its click is refused; after the freeze the same click runs it",
    async () => {
      await story.says(add);
      await story.shows("Add ps-1 to cluster-1", "Confirm before");
      await freezes("cluster-1 reason=audit", "cluster-1 is frozen");
      await story.shows("FROZEN", "This plan can't be confirmed now", "Add ps-1 to cluster-1", "Confirm before");
      await story.clicks("Confirm", bob);
      await story.shows("op-1 can't run now", "No step was run");
      expect(stateOf("op-1")).toBe("planned");
      expect(story.workspace.state().views).toEqual([]);
      await story.says("/zstack unfreeze cluster-1");
      await until(
        () =>
          story.messages.some((each) => textIn(each).includes("This plan can't be confirmed now")) ? undefined : true,
        patient(5_000),
      );
      await story.confirms("");
      await story.shows("Add ps-1 to cluster-1: done");
    },
  );

  itSimulated("is ended by the person who froze the cluster, or by an admin; nobody else shortens it", async () => {
    await freezes("cluster-1 reason=audit", "cluster-1 is frozen");
    await story.says("/zstack unfreeze cluster-1", bob);
    await story.shows("ROLE_MISSING", "only the person who froze it, or an admin", "Ask for It");
    await story.says('/zstack freeze cluster-1 reason="my own" until=1h', bob);
    await story.shows("cluster-1 is frozen", "my own");
    await story.says("/zstack unfreeze all", bob);
    await story.shows("The freeze ended, and a freeze is left");
    await story.says(add, bob);
    await story.shows("FROZEN", "audit");
    await story.says('/zstack freeze schedule cluster-1 "Fri 18:00-Mon 07:00" tz=UTC', bob);
    await story.shows("ROLE_MISSING", "The role admin of cluster-1 is missing");
    await story.says("/zstack freeze cluster-1 reason=work", bob);
    await story.shows("cluster-1 is frozen", "work");
    await story.says("/zstack unfreeze cluster-1");
    await story.shows("cluster-1 is not frozen any more");
  });

  itSimulated("is shown above a plan from before a restart of the bot", async () => {
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "Confirm before");
    await story.restartsBot();
    await freezes("cluster-1 reason=audit", "cluster-1 is frozen");
    await story.shows("Add ps-1 to cluster-1", "FROZEN", "This plan can't be confirmed now", "audit");
    await story.clicks("Confirm", bob);
    await story.shows("op-1 can't run now");
    await story.says("/zstack unfreeze cluster-1");
    const plans = () => story.messages.map(textIn).filter((text) => text.includes("Confirm before"));
    const isCurrent = () => (plans().some((text) => text.includes("FROZEN")) ? undefined : true);
    expect(await until(isCurrent, patient(20_000))).toBe(true);
    expect(plans()).toHaveLength(1);
  });

  itSimulated("counts up to the last moment before the first step", async () => {
    await addsStorage(story);
    await story.says("/zstack sharedblock maintain ps-1");
    await story.shows("Take ps-1 into maintenance", "Confirm before");
    const before = (await begun()).length;
    await story.hosts.fault(HOST1, { kind: "slow", ms: 3_600_000 });
    await story.confirms("");
    await story.shows("confirmed, checking the hosts again");
    await freezes("all reason=stop", "All clusters are frozen");
    await story.hosts.heal(HOST1);
    await story.shows("Take ps-1 into maintenance: refused", "FROZEN", "stop", "No step was run");
    expect((await begun()).length).toBe(before);
  });

  itSimulated("names what runs now, and does not stop it", async () => {
    await story.says(add);
    await story.shows("Confirm before");
    await story.confirms("");
    await story.begins("");
    await story.hosts.fault(HOST1, { kind: "slow", ms: 3_600_000 });
    await freezes("all reason=audit", "All clusters are frozen", "op-1 (Add ps-1 to cluster-1) runs now");
    await story.hosts.heal(HOST1);
    await story.shows("Add ps-1 to cluster-1: done");
  });

  itSimulated("survives a restart; a damaged record freezes everything until a person writes it again", async () => {
    await freezes("cluster-1 reason=audit", "cluster-1 is frozen");
    await story.restartsBot();
    await story.says(add);
    await story.shows("FROZEN", "audit");
    const path = join(story.directory, "freezes.json");
    const whole = await readFile(path, "utf8");
    await story.restartsBot(() => writeFile(path, whole.slice(0, 20)));
    await story.says("/zstack zone add ZONE-2");
    await story.shows("FROZEN", "freezes.json is damaged", "unfreeze all");
    await story.says("/zstack freeze list");
    await story.shows("All clusters count as frozen", "freezes.json is damaged");
    await story.says("/zstack freeze cluster-1 reason=audit");
    await story.shows("The freezes can't be changed", "unfreeze all");
    await story.says("/zstack unfreeze cluster-1");
    await story.shows("cluster-1 can't be unfrozen alone");
    await story.says("/zstack unfreeze all");
    await story.shows(
      "All clusters are not frozen any more",
      "It has no freeze and no schedule",
      "freezes.json.damaged",
    );
    await story.says("/zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
  });

  itSimulated("each week, by a schedule, until the schedule is removed", async () => {
    const edge = (ms: number) => {
      const at = new Date(ms);
      return `${days[at.getUTCDay()]} ${at.toISOString().slice(11, 16)}`;
    };
    const now = Date.now();
    const window = `${edge(now - 3_600_000)}-${edge(now + 86_400_000)}`;
    const later = `${edge(now + 2 * 86_400_000)}-${edge(now + 3 * 86_400_000)}`;
    await story.says(`/zstack freeze schedule cluster-1 "${later}" tz=utc`);
    await story.shows("cluster-1 is frozen each week", later);
    await story.says(add);
    await story.shows("Confirm before");
    await story.says(`/zstack freeze schedule cluster-1 "${window}" tz=UTC`);
    await story.shows("cluster-1 is frozen each week", window, "Scheduled by");
    await story.shows("FROZEN", "This plan can't be confirmed now");
    await story.says(`/zstack host rescan ${HOST1}`);
    await story.shows("FROZEN", "by its schedule", window, "freeze unschedule cluster-1");
    await story.says("/zstack unfreeze cluster-1");
    await story.shows("a freeze is left", "freeze unschedule");
    await story.says("/zstack freeze list");
    await story.shows("Frozen now: cluster-1", window, later);
    await story.says(`/zstack freeze unschedule cluster-1 "${window}"`);
    await story.shows("The schedule of cluster-1 is removed", window);
    await story.says(`/zstack host rescan ${HOST1}`);
    await story.shows(/Rescan .*: done/);
    await story.says("/zstack freeze unschedule cluster-1");
    await story.shows("The schedule of cluster-1 is removed", later);
    await story.says("/zstack freeze unschedule cluster-1");
    await story.shows("NOT_FOUND", "there is no such schedule");
  });

  itSimulated("with an end that is over, of no cluster or without a reason is refused", async () => {
    await story.says("/zstack freeze cluster-1 reason=x until=2020-01-01");
    await story.shows("Nothing was frozen", "until=2020-01-01 is over already");
    await story.says("/zstack freeze cluster-9 reason=x");
    await story.shows("NOT_FOUND", "cluster-9");
    await story.says("/zstack freeze cluster-1");
    await story.shows("reason=…");
    await story.says('/zstack freeze schedule cluster-1 "Fri-Mon" tz=Mars/Olympus');
    await story.shows("is no window of a week", "is not a time zone");
    await story.says("/zstack freeze list");
    await story.shows("Nothing is frozen now");
  });

  itSimulated("hides no failing path: the incident is posted", async () => {
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await observesEachHost(story);
    await freezes("all reason=audit", "All clusters are frozen");
    await story.hosts.failsPath(luns.blank, HOST1);
    await incidentOf(story, luns.blank, HOST1);
  });
});
