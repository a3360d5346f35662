import { afterEach, beforeEach, describe, expect } from "vitest";
import { Story, until } from "./story.ts";
import { itSimulated, luns, patient } from "./target.ts";
import { incidentOf, quickWatch as settings } from "./watch-words.ts";

/** A path fails, and is posted. It works again, and that is posted. */
async function reportsPath(story: Story): Promise<void> {
  await story.hosts.failsPath(luns.blank, "sharedblock-host1");
  await story.shows(/: Path sd\w+ of LUN …\w{6} on sharedblock-host1 through \w+: failed faulty/, "Warning since");
  await story.hosts.restoresPath(luns.blank, "sharedblock-host1");
  await story.shows(/Resolved.*, after \d+ s/s);
}

describe("watch show", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
  });
  afterEach(() => story.ends());

  itSimulated("posts one message for a failed path, and resolves it when the path works again", async () => {
    await reportsPath(story);
  });
});

describe("watch show: the kernel's events", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    const seldom = { ...settings, everyMs: 3_600_000, failingEveryMs: 3_600_000 };
    await story.restartsBot(undefined, { watch: { channel: null, settings: seldom } });
    await until(() => story.bot.world.watch()?.hosts()[0]?.noEvents === null, patient(30_000));
  });
  afterEach(() => story.ends());

  itSimulated("have a failed path posted and resolved, though each host is observed only once an hour", async () => {
    await reportsPath(story);
  });
});

describe("watch show: the inventory", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
  });
  afterEach(() => story.ends());

  itSimulated("says which hosts are watched: one that is added is, one that is removed is not", async () => {
    const watched = () => story.bot.world.watch()?.hosts() ?? [];
    const third = story.bot.world.inventory.current().hosts.find(({ name }) => name === "sharedblock-host3");
    await story.says("/zstack host remove sharedblock-host3");
    await story.clicks("Confirm");
    await story.shows("Remove host sharedblock-host3: done");
    expect(watched()).toHaveLength(2);
    await story.says(
      `/zstack host add third address=127.0.0.1 port=${third?.port} user=${third?.user} cluster=cluster-1`,
    );
    await story.clicks("Confirm");
    await story.shows("Trust third and add it to cluster-1: done");
    await until(
      () => watched().every(({ observedAt, noEvents }) => observedAt !== null && noEvents === null),
      patient(30_000),
    );
    expect(watched()).toHaveLength(3);
  });
});

describe("watch pause", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
  });
  afterEach(() => story.ends());

  itSimulated(
    "covers what begins until resume, also on a host that is only polled; both are in watch show",
    async () => {
      const host = "sharedblock-host2";
      const noEvents = () => {
        const hosts = story.bot.world.inventory.current().hosts;
        const own = hosts.find(({ name }) => name === host)?.uuid;
        return story.bot.world
          .watch()
          ?.hosts()
          .find(({ hostUuid }) => hostUuid === own)?.noEvents;
      };
      const hasEvents = async (are: boolean) =>
        expect(await until(() => (noEvents() === null) === are || undefined, patient(30_000))).toBe(true);
      await hasEvents(true);
      // A lost stream is made again, unless the host has no udevadm any more.
      story.bot.world.simulated?.disconnect(host);
      await hasEvents(false);
      await hasEvents(true);
      await story.hosts.fault(host, { kind: "lacks", program: "udevadm" });
      story.bot.world.simulated?.disconnect(host);
      expect(await until(() => noEvents()?.includes("udevadm") || undefined, patient(30_000))).toBe(true);
      await story.says('/zstack watch pause cluster-1 for=2h reason="switch replaced"');
      const paused = await story.shows("is paused for 2 h");
      await story.hosts.failsPath(luns.blank, host);
      await until(() => story.bot.world.watch()?.covered()[0], patient(30_000));
      await story.says("/zstack watch show");
      await story.shows(
        "1 without events: only every 2 s.",
        "none: ",
        "udevadm",
        "all: paused",
        "The watch of cluster-1 is paused: ",
      );
      expect(
        story.bot.world
          .watch()
          ?.incidents()
          .flatMap(({ findings }) => findings.map(({ wwid }) => wwid)),
      ).not.toContain(luns.blank);
      const line = await story.shows("The watch of cluster-1 is paused, so it is no incident", host);
      expect(line.threadTs).toBe(paused.ts);
      await story.says("/zstack watch resume cluster-1");
      await story.shows("continues", "Found during the pause, and still there", host);
      await incidentOf(story, luns.blank, host);
    },
  );
});
