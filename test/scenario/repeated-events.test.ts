import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Envelope } from "../../src/workspace/server/socket-mode.ts";
import { textIn } from "./message-text.ts";
import { changed, lastSent, newTrigger } from "./sent.ts";
import { alice, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(60_000);

describe("Slack: repeated events have one effect", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const deliver = (envelope: Envelope) => story.workspace.faults.deliver(envelope);
  const answers = (title: string) => story.messages.filter((message) => textIn(message).includes(title)).length;
  const shown = (text: string, count = 1) =>
    until(() => (answers(text) >= count ? true : undefined), patient(20_000)).then((found) => expect(found).toBe(true));
  /** Everything that was delivered before is answered by then. */
  const settles = async () => {
    await story.says("/zstack help zone list");
    await story.shows("Help: zone list");
  };
  const ts = (agoMs: number) => ((Date.now() - agoMs) / 1000).toFixed(6);
  /** Starts the bot on a folder with a record of events that begins so long ago. */
  const knowsSince = (agoMs: number) =>
    story.restartsBot(() =>
      writeFile(
        join(story.directory, "seen-gestures.jsonl"),
        `${JSON.stringify({ since: new Date(Date.now() - agoMs).toISOString() })}\n`,
      ),
    );

  it("a slash command, a mention, a click and a form, after a restart and after 5,000 other events", async () => {
    await story.says("/zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    await story.says("@zstack zone add ZONE-3");
    await story.shows("Add zone ZONE-3: done");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.clicks("Confirm");
    const click = lastSent(story.workspace, /block_actions/);
    await story.sends(null);
    await story.shows("Add sharedblock-cluster-1", ": done");
    const events = [/zone add ZONE-2/, /zone add ZONE-3/, /view_submission/].map((one) =>
      lastSent(story.workspace, one),
    );
    const before = (await story.audit()).length;
    const said = story.messages.length;

    for (const each of [...events, click]) await deliver(each);
    await story.restartsBot();
    for (const each of [...events, click]) await deliver(each);
    await Promise.all(
      Array.from({ length: 5_000 }, (_, number) => story.bot.world.eventRecord.take(`command x${number}`)),
    );
    for (const each of [...events, click]) await deliver(each);
    await settles();
    // Help is what `settles` asked; nothing else was said or written.
    expect(story.messages.length - said).toBe(1);
    expect(await story.audit()).toHaveLength(before + 1);
  });

  it("an event that is sent again because of a late ack is handled, if it was not handled before", async () => {
    await story.says("@zstack zone list");
    await shown("1 zone");
    const mention = lastSent(story.workspace, /app_mention/);
    const retried = { ...mention, retry_attempt: 2, retry_reason: "timeout" };
    await deliver(retried);
    await settles();
    expect(answers("1 zone")).toBe(1);
    await deliver(changed(retried, { "event.ts": ts(0), event_id: "Ev2" }));
    await shown("1 zone", 2);
  });

  it("a mention that was edited after it was handled is not run again, and its author is notified once", async () => {
    await story.says("@zstack zone list");
    await shown("1 zone");
    const mention = lastSent(story.workspace, /app_mention/);
    const edit = changed(mention, { event_id: "Ev2", "event.edited": { user: alice, ts: ts(0) } });
    await deliver(edit);
    await shown("ran this message before it was edited");
    await deliver(edit);
    await settles();
    expect(answers("1 zone")).toBe(1);
    expect(answers("ran this message before it was edited")).toBe(1);
  });

  it("a message that was edited before it mentioned the bot counts as new", async () => {
    await knowsSince(3_600_000);
    await story.says("@zstack zone list");
    await shown("1 zone");
    const mention = lastSent(story.workspace, /app_mention/);
    const values = { event_id: "Ev2", "event.ts": ts(1_800_000), "event.edited": { user: alice, ts: ts(0) } };
    await deliver(changed(mention, { ...values, "event.text": "<@U0ZSTACK> zone add ZONE-2" }));
    await story.shows("Add zone ZONE-2: done");
  });

  it("a late change is not run, and its author must send it again; a query is answered", async () => {
    await knowsSince(3_600_000);
    await story.says("@zstack zone list");
    await shown("1 zone");
    const mention = lastSent(story.workspace, /app_mention/);
    await deliver(changed(mention, { "event.ts": ts(1_500_000), "event.text": "<@U0ZSTACK> zone add ZONE-2" }));
    const late = await story.shows(/it reached the bot \d\d minutes after it was sent/);
    expect(late.onlyFor).toBe(alice);
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
    await deliver(changed(mention, { "event.ts": ts(1_400_000) }));
    await shown("1 zone", 2);
  });

  it("a late click runs nothing and opens no form", async () => {
    await knowsSince(3_600_000);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.clicks("Confirm");
    const click = lastSent(story.workspace, /block_actions/);
    const { payload } = click as { payload: { actions: object[] } };
    const actions = [{ ...payload.actions[0], action_ts: ts(660_000) }];
    const view = await until(() => story.workspace.state().views[0], patient(10_000));
    await story.workspace.close({ person: alice, viewId: view?.id ?? "" });
    await deliver(changed(click, { actions, trigger_id: newTrigger() }));
    await story.shows(/it reached the bot \d\d minutes after it was sent/);
    expect(story.workspace.state().views).toEqual([]);
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "planned", confirmedBy: null });
  });

  it("an event before the record's beginning has no effect; its author is notified for one hour", async () => {
    await story.says("@zstack zone list");
    await shown("1 zone");
    const mention = lastSent(story.workspace, /app_mention/);
    await deliver(changed(mention, { "event.ts": ts(1_200_000), "event.text": "<@U0ZSTACK> zone add ZONE-2" }));
    await story.shows("the bot has no earlier record");
    await deliver(changed(mention, { "event.ts": ts(7_200_000) }));
    await settles();
    expect(answers("1 zone")).toBe(1);
    expect(answers("the bot has no earlier record")).toBe(1);
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
  });

  it("a damaged record accepts no event from before the start", async () => {
    await story.says("@zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    const mention = lastSent(story.workspace, /app_mention/);
    await story.restartsBot(() => writeFile(join(story.directory, "seen-gestures.jsonl"), "\0\0\0\0\n"));
    const before = (await story.audit()).length;
    await deliver(mention);
    await story.shows("the bot has no earlier record");
    expect(await story.audit()).toHaveLength(before);
  });
});

describe("Slack: who an event is from", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const deliver = (envelope: Envelope) => story.workspace.faults.deliver(envelope);
  const answers = (title: string) => story.messages.filter((message) => textIn(message).includes(title)).length;
  const settles = async () => {
    await story.says("/zstack help zone list");
    await story.shows("Help: zone list");
  };
  let again = 0;
  const newTs = () => ((Date.now() + ++again) / 1000).toFixed(6);
  const mention = async (values: Record<string, unknown>) => {
    const sent = lastSent(story.workspace, /app_mention/);
    await deliver(changed(sent, { "event.ts": newTs(), ...values }));
  };
  const otherWorkspace = "serves only people of its own workspace";

  it("a bot or an app that mentions the bot gets no answer", async () => {
    await story.says("@zstack zone list");
    await story.shows("1 zone");
    await mention({ "event.bot_id": "B0OTHER" });
    await mention({ "event.user": undefined, "event.bot_id": "B0OTHER", "event.subtype": "bot_message" });
    await mention({ "event.user": undefined });
    await mention({ "event.user": "USLACKBOT" });
    await settles();
    expect(answers("1 zone")).toBe(1);
  });

  it.each([
    { "event.user_team": "T0OTHER" },
    { "event.source_team": "T0OTHER" },
    { "event.team": "T0OTHER" },
    { is_ext_shared_channel: true, "event.team": undefined },
  ])("a person of another workspace may not ask in a mention: %j", async (values) => {
    await story.says("@zstack zone list");
    await story.shows("1 zone");
    await mention({ "event.text": "<@U0ZSTACK> zone add ZONE-2", ...values });
    expect((await story.shows(otherWorkspace)).onlyFor).toBe(alice);
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
  });

  it("a person of this workspace may use a channel that is shared with another", async () => {
    await story.says("@zstack zone list");
    await story.shows("1 zone");
    await mention({
      is_ext_shared_channel: true,
      "event.user_team": "T0LOCAL",
      "event.text": "<@U0ZSTACK> zone add Z2",
    });
    await story.shows("Add zone Z2: done");
  });

  it("a person of another workspace may not use slash command, click or form", async () => {
    await story.says("/zstack zone list");
    await story.shows("1 zone");
    const command = lastSent(story.workspace, /zone list/);
    await deliver(changed(command, { team_id: "T0OTHER", trigger_id: newTrigger() }));
    await story.shows(otherWorkspace);
    expect(answers("1 zone")).toBe(1);

    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.clicks("Confirm");
    const click = lastSent(story.workspace, /block_actions/);
    await story.says("/zstack zone list");
    await deliver(changed(click, { "user.team_id": "T0OTHER", trigger_id: newTrigger() }));
    await story.shows(otherWorkspace);
    const { payload } = click as { payload: { trigger_id: string; message: { ts: string } } };
    const operation = story.bot.world.operations.get("op-1");
    const view = await until(() => story.workspace.state().views[0], patient(10_000));
    const metadata = {
      ...{ operationId: "op-1", seal: `${operation?.digest}.${operation?.nonce}`, messageId: payload.message.ts },
      ...{ place: { channel: "C0STORAGE", threadTs: null }, clickedAt: Date.now() },
    };
    await deliver({
      ...click,
      payload: {
        ...{ type: "view_submission", team: { id: "T0OTHER" }, user: { id: alice, team_id: "T0OTHER" } },
        view: {
          id: view?.id,
          callback_id: "confirm",
          private_metadata: JSON.stringify(metadata),
          state: { values: {} },
        },
      },
    });
    await until(() => (answers(otherWorkspace) === 3 ? true : undefined), patient(20_000));
    expect(answers(otherWorkspace)).toBe(3);
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "planned", confirmedBy: null });
  });
});

describe("Slack: commands without CHANNELS", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const sayIn = async (channel: Record<string, unknown>, text: string) => {
    const sent = lastSent(story.workspace, /slash_commands/);
    await story.workspace.faults.deliver(changed(sent, { trigger_id: newTrigger(), text, ...channel }));
  };

  it("not if the bot is no member, also no query", async () => {
    await story.workspace.say({ person: alice, text: "/zstack zone list", threadTs: null, channel: "C0OUTSIDE" });
    const notice = await until(() => story.workspace.messagesIn("C0OUTSIDE").at(-1), patient(10_000));
    expect(notice && textIn(notice)).toContain("type /invite @zstack here");
    expect(notice?.onlyFor).toBe(alice);
    story.workspace.changeChannel("C0OUTSIDE", { botIsMember: true });
    const answered = await until(() => {
      void story.workspace.say({ person: alice, text: "/zstack zone list", threadTs: null, channel: "C0OUTSIDE" });
      return story.workspace.messagesIn("C0OUTSIDE").find((message) => textIn(message).includes("1 zone"));
    }, patient(20_000));
    expect(answered).toBeDefined();
  });

  it("only queries while Slack does not report whether the bot is a member", async () => {
    await story.says("/zstack help");
    story.workspace.slackFaults.calls("conversations.info", { answer: { kind: "error", code: "missing_scope" } });
    story.workspace.changeChannel("C0OUTSIDE", { botIsMember: true });
    await story.workspace.say({ person: alice, text: "/zstack zone add Z2", threadTs: null, channel: "C0OUTSIDE" });
    const notice = await until(() => story.workspace.messagesIn("C0OUTSIDE").at(-1), patient(10_000));
    expect(notice && textIn(notice)).toContain("channels:read and groups:read");
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
    await story.workspace.say({ person: alice, text: "/zstack zone list", threadTs: null, channel: "C0OUTSIDE" });
    const answered = await until(
      () => story.workspace.messagesIn("C0OUTSIDE").find((message) => textIn(message).includes("1 zone")),
      patient(10_000),
    );
    expect(answered).toBeDefined();
  });

  it("a transient error of Slack is followed by another call", async () => {
    story.workspace.slackFaults.calls("conversations.info", {
      answer: { kind: "error", code: "internal_error" },
      times: 2,
    });
    await story.says("/zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
  });

  it("no change in a direct message", async () => {
    await story.says("/zstack zone list");
    await story.shows("1 zone");
    await sayIn({ channel_id: `D${alice.slice(1)}`, channel_name: "directmessage" }, "zone add Z2");
    const notice = await story.shows("DIRECT_MESSAGE", "this is a direct message", "send the command in a channel");
    expect(notice.onlyFor).toBe(alice);
    expect(story.bot.world.inventory.current().zones).toHaveLength(1);
  });
});

describe("Slack: commands as people copy them", { timeout: LIMIT_MS }, () => {
  it("are understood in a mention and in a slash command", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    for (const words of [
      "@zstack /zstack zone list",
      "@zstack: zone list",
      "@zstack `zone list`",
      "@zstack `/zstack zone list`",
      "> • @zstack *zone list*",
      "*@zstack zone list*",
      "@zstack ｚｏｎｅ　ｌｉｓｔ",
      "/zstack /zstack zone list",
      "/zstack `zone list`",
      "/zstack @zstack zone list",
    ]) {
      await story.says(words);
      await story.shows("1 zone");
    }
    await story.says("/zstack zone ad ZONE-2");
    await story.shows("UNKNOWN_COMMAND", "Fix: /zstack zone add ZONE-2");
    await story.says("/zstack zone add ZONE-2");
    await story.shows("Add zone ZONE-2: done");
    for (const id of ["OP-1", "1", "op-1"]) {
      await story.says(`/zstack operation show ${id}`);
      await story.shows("op-1: Add zone ZONE-2");
    }
    await story.says("/zstack zone ad ZONE-2");
    await story.shows("the nearest command is", "help zone add");
  });
});
