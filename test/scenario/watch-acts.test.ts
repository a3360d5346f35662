import { afterEach, beforeEach, describe, expect } from "vitest";
import { alice, Story, until } from "./story.ts";
import { itSimulated, luns, patient } from "./target.ts";
import { fileNamed, incidentOf, observesEachHost, quickWatch } from "./watch-words.ts";

const HOST1 = "sharedblock-host1";

describe("incident ack", () => {
  let story: Story;
  let id: string;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await story.hosts.failsPath(luns.blank, HOST1);
    id = await incidentOf(story, luns.blank, HOST1);
  });
  afterEach(() => story.ends());

  itSimulated(
    "and other notes show in the incident's message, and are in the audit log with their result",
    async () => {
      await story.clicks("Acknowledge");
      await story.shows(/inc-\d+: acknowledged/);
      await story.says(`/zstack incident ack ${id}`);
      await story.shows(`${id}: acknowledged`);
      await story.says(`/zstack incident assign ${id} me`);
      await story.says(`/zstack incident silence ${id} for=2h reason="array under repair"`);
      await story.says(`/zstack incident note ${id} the cable is replaced`);
      await story.shows("Acknowledged by", "Assigned to", "Silenced until", "array under repair");
      await story.says("/zstack incident list open");
      await story.shows("open incident", id);
      await story.says(`/zstack incident show ${id}`);
      await story.shows("What happened", "note by", "the cable is replaced");
      const results = (await story.audit()).flatMap(({ event }) => (event.kind === "acted" ? [event.result] : []));
      expect(results.slice(-3)).toEqual([`${id}: assigned`, `${id}: silenced`, `${id}: noted`]);
    },
  );

  itSimulated("has forms for Silence… and Assign…, which ask for what the command lacks", async () => {
    const fills = async (button: string, values: Record<string, Record<string, string | string[]>>) => {
      await story.clicks(button);
      const view = await until(() => story.workspace.state().views.find((each) => each.person === alice), 20_000);
      const submission = { person: alice, viewId: view?.id ?? "", values };
      return { title: view?.title, errors: (await story.workspace.submit(submission)).errors };
    };
    const wrong = await fills("Silence…", { for: { for: "soon" }, reason: { reason: "repair" } });
    expect(wrong.title).toMatch(/^Silence inc-\d+$/);
    expect(wrong.errors).toEqual({ for: "This is not a time from 1m to 30d: type 30m, 2h or 3d." });
    const [view] = story.workspace.state().views;
    const right = { for: { for: "2h" }, reason: { reason: 'the "array" = repair' } };
    const sent = await story.workspace.submit({ person: alice, viewId: view?.id ?? "", values: right });
    expect(sent.errors).toEqual({});
    await story.shows("Silenced until", 'the "array" = repair');
    expect((await fills("Assign…", { to: { to: ["U0BOB0001"] } })).errors).toEqual({});
    await story.shows("Assigned to");
  });

  itSimulated("is refused after resolve, which holds until the path fails again", async () => {
    await story.says(`/zstack incident resolve ${id} reason=known`);
    await story.shows(`${id}: resolved`);
    await story.says(`/zstack incident ack ${id}`);
    await story.shows("INCIDENT_OVER");
    await story.says(`/zstack incident show ${id}`);
    await story.shows(`${id}: Path`, "Resolved by");
    await story.hosts.restoresPath(luns.blank, HOST1);
    await story.hosts.failsPath(luns.blank, HOST1);
    await story.says("/zstack watch show");
    await story.shows("Watching 3 hosts");
  });
});

describe("incident report", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
  });
  afterEach(() => story.ends());

  itSimulated(
    "is a Markdown file in the incident's thread, with what people did; shift report hands it over",
    async () => {
      await story.hosts.failsPath(luns.blank, HOST1);
      const id = await incidentOf(story, luns.blank, HOST1);
      await story.says(`/zstack incident note ${id} cable <b>3</b> | replaced`);
      await story.shows(`${id}: noted`);
      await story.says(`/zstack incident report ${id}`);
      const report = await story.shows(`Report of ${id}`, "1 host");
      const text = await fileNamed(story, `${id}.md`);
      const [incident] = story.messages.filter(({ ts }) => ts === report.threadTs);
      expect(JSON.stringify(incident)).toContain(`${id}: Path`);
      expect(text).toMatch(/^# inc-\d+: Path sd\w+ of LUN/);
      expect(text).toContain("note: cable &lt;b\\>3&lt;/b\\> \\| replaced | alice (U0ALICE01)");
      expect(text).toContain(`### ${HOST1}`);
      expect(text).toMatch(/\| sd\w+ \| 36\w+ \| mpath\w+ \| [\d:]+ \| failed faulty \|/);
      await story.says("/zstack shift report since=1h");
      await story.shows("Shift report:", "Degraded maps", "Nobody has it.");
    },
  );
});

describe("incident note", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    const settings = { ...quickWatch, damping: { ...quickWatch.damping, backWithinMs: 500 } };
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
  });
  afterEach(() => story.ends());

  itSimulated("is taken after the incident left for the archive, and its report is still in its thread", async () => {
    await story.hosts.failsPath(luns.blank, HOST1);
    const id = await incidentOf(story, luns.blank, HOST1);
    const [message] = story.messages.filter((each) => JSON.stringify(each).includes(`${id}: Path`));
    await story.hosts.restoresPath(luns.blank, HOST1);
    const isArchived = () =>
      story.bot.world
        .watch()
        ?.incidents()
        .every((incident) => incident.id !== id) || undefined;
    expect(await until(isArchived, patient(30_000))).toBe(true);
    const notes = ["the cable was old", "the new one holds"];
    for (const text of notes) await story.says(`/zstack incident note ${id} ${text}`);
    // The second one may be answered before the first one.
    for (const text of notes) await story.shows(`${id}: noted`, text);
    await story.says(`/zstack incident report ${id}`);
    const report = await story.shows(`Report of ${id}`, "0 operations");
    expect(report.threadTs).toBe(message?.ts);
    const text = await fileNamed(story, `${id}.md`);
    for (const each of notes) expect(text).toContain(each);
    await story.says(`/zstack incident ack ${id}`);
    await story.shows("INCIDENT_OVER");
  });
});

describe("host rescan", () => {
  const HOST2 = "sharedblock-host2";
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.hosts.takes(luns.blank, HOST2);
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await observesEachHost(story);
  });
  afterEach(() => story.ends());

  itSimulated(
    "has in its thread what it causes on its host, which is no incident; a path that fails then is one",
    async () => {
      await story.hosts.offers(luns.blank, HOST2);
      await story.says(`/zstack host rescan ${HOST2}`);
      const end = await story.shows(`Rescan ${HOST2}: done`);
      const line = await story.shows("causes this, so it is no incident", `is new on ${HOST2}`);
      expect(line.threadTs).toBe(end.ts);
      await story.hosts.failsPath(luns.blank, HOST2);
      await incidentOf(story, luns.blank, HOST2);
    },
  );

  itSimulated("has it there once, also if the bot stops before or after the line is posted", async () => {
    const isLine = (message: unknown) => JSON.stringify(message).includes("causes this, so it is no incident");
    await story.hosts.offers(luns.blank, HOST2);
    await story.says(`/zstack host rescan ${HOST2}`);
    const end = await story.shows(`Rescan ${HOST2}: done`);
    // A quick bot may have posted the line already.
    const isSeen = () =>
      story.bot.world.watch()?.covered()[0]?.why ?? (story.messages.some(isLine) ? "posted" : undefined);
    expect(await until(isSeen, patient(30_000))).toMatch(/^(op-\d+ causes this|posted)$/);
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    const line = await story.shows("causes this, so it is no incident", `is new on ${HOST2}`);
    expect(line.threadTs).toBe(end.ts);
    expect(await until(() => story.bot.world.watch()?.covered().length === 0 || undefined, patient(30_000))).toBe(true);
    expect(story.messages.filter(isLine)).toHaveLength(1);
    expect(JSON.stringify(story.messages)).not.toMatch(/inc-\d+: LUN \S+ is new/);
  });
});
