import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import type { Config } from "../../src/config.ts";
import { changed, lastSent, newTrigger } from "../scenario/sent.ts";
import { alice, bob, type Story, until } from "../scenario/story.ts";
import { ending, luns } from "../scenario/target.ts";
import { diskOf } from "../store/full-disk.ts";
import type { GoldenBook } from "./golden-book.ts";

const channel = "C0STORAGE";
const add = `/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;
const shown = "Add ps-1 to cluster-1";
/** Slack's time for a moment in the past. */
const ts = (agoMs: number): string => ((Date.now() - agoMs) / 1000).toFixed(6);

/** Clicks, commands and forms without an effect, and the messages to their authors. */
export function eventAnswers(now: () => { story: Story; book: GoldenBook }): void {
  /** From here on the bot has tokens, operators and channels, as in a real workspace. */
  const inSlack = (story: Story, settings: Partial<Config> = {}) =>
    story.restartsBot(async () => undefined, {
      slack: story.workspace,
      operators: [alice],
      channels: [channel],
      ...settings,
    });
  const sayIn = async (place: string, text: string, story: Story, person = alice) =>
    story.workspace.say({ person, text, threadTs: null, channel: place });

  it("of people who may not, and of channels where commands are not taken", async () => {
    const { story, book } = now();
    await inSlack(story);
    await story.says(add);
    await story.shows(shown);
    await story.says("/zstack zone add ZONE-2", bob);
    await book.keepsSent("not-operator", "Nothing was changed", "ROLE_MISSING");
    await story.clicks("Confirm", bob);
    await book.keepsSent("click-not-operator", "No step was run", "ROLE_MISSING");
    await sayIn("C0OUTSIDE", "/zstack zone list", story);
    await book.keepsSent("not-in-channels", "the bot serves only C0STORAGE");
    await inSlack(story, { operators: [] });
    await story.says("/zstack zone add ZONE-2");
    await book.keepsSent("no-operators", "OPERATORS are empty");
    await inSlack(story, { channels: [] });
    await sayIn("C0OUTSIDE", "/zstack zone list", story);
    await book.keepsSent("not-a-member", "type /invite @zstack here");
    const command = lastSent(story.workspace, /slash_commands/);
    const direct = { channel_id: "D0ALICE01", channel_name: "directmessage", text: "zone add ZONE-2" };
    await story.workspace.faults.deliver(changed(command, { ...direct, trigger_id: newTrigger() }));
    await book.keepsSent("direct-message", "DIRECT_MESSAGE", "this is a direct message");
    for (const [code, name] of [
      ["missing_scope", "membership-no-scope"],
      ["internal_error", "membership-not-known"],
    ] as const) {
      await inSlack(story, { channels: [] });
      story.workspace.slackFaults.calls("conversations.info", { answer: { kind: "error", code } });
      await story.says("/zstack zone add ZONE-2");
      await book.keepsSent(name, `whether the bot is a member of this channel (${code})`, "Nothing was changed");
      story.workspace.slackFaults.well("conversations.info");
    }
  });

  it("of people of another workspace, of edits and of late events", async () => {
    const { story, book } = now();
    await story.says("@zstack zone list");
    await story.shows("1 zone");
    const mention = lastSent(story.workspace, /app_mention/);
    const again = (values: Record<string, unknown>) => story.workspace.faults.deliver(changed(mention, values));
    await again({ "event.ts": ts(0), "event.user_team": "T0OTHER" });
    await book.keepsSent("other-workspace", "serves only people of its own workspace");
    await again({ "event.edited": { user: alice, ts: ts(0) } });
    await book.keepsSent("edited", "ran this message before it was edited");
    await again({ "event.ts": ts(1_200_000) });
    await book.keepsSent("before-the-record", "the bot has no earlier record");
    const since = { since: new Date(Date.now() - 3_600_000).toISOString() };
    await story.restartsBot(() =>
      writeFile(join(story.directory, "seen-gestures.jsonl"), `${JSON.stringify(since)}\n`),
    );
    await again({ "event.ts": ts(1_500_000), "event.text": "<@U0ZSTACK> zone add ZONE-2" });
    await book.keepsSent("too-late", "minutes after it was sent");
  });

  it("of clicks on a plan of another place, of an earlier time or of another bot", async () => {
    const { story, book } = now();
    await story.says(add);
    await story.shows(shown);
    await story.clicks("Confirm");
    const click = lastSent(story.workspace, /block_actions/);
    const again = (values: Record<string, unknown>) =>
      story.workspace.faults.deliver(changed(click, { trigger_id: newTrigger(), ...values }));
    await again({ "message.thread_ts": "1.000001" });
    await book.keepsSent("click-elsewhere", "its plan is in another channel or thread");
    await again({ "message.ts": "1.000001" });
    await book.keepsSent("click-on-copy", "this message is a copy");
    await book.keepsSent("copy-of-plan", ": a copy of the plan (op-1)");
    const { payload } = z.object({ payload: z.looseObject({ actions: z.array(z.looseObject({})) }) }).parse(click);
    await again({ actions: [{ ...payload.actions[0], action_id: "approve" }] });
    await book.keepsSent("click-not-ours", "This click is not known here");
    await again({ actions: [{ ...payload.actions[0], action_id: "run-1" }] });
    await book.keepsSent("button-not-ours", "This button is not known here");
    expect(await keepsForeignForm(story, book)).toBe("update");
    const [open] = story.workspace.state().views;
    await story.workspace.close({ person: alice, viewId: open?.id ?? "" });
    await story.restartsBot(() => expires(story));
    await story.shows(": expired");
    await again({});
    await book.keepsSent("click-expired", "nobody confirmed the plan in time");
    await story.says(add);
    await story.shows(shown);
    await story.confirms("");
    const second = lastSent(story.workspace, /block_actions/);
    await story.shows(": done (op-2)");
    await story.workspace.faults.deliver(changed(second, { trigger_id: newTrigger() }));
    await book.keepsSent("click-too-late", "op-2 is done already");
  });

  it("of more open plans than a person may have", async () => {
    const { story, book } = now();
    const planned = () => story.bot.world.operations.latest(99).length;
    for (let asked = 1; asked <= 20; asked++) {
      await story.says("/zstack host remove sharedblock-host3");
      await until(() => (planned() === asked ? true : undefined), 20_000);
    }
    await story.says("/zstack host remove sharedblock-host3");
    await book.keepsSent("too-many-plans", "of your plans wait for a click");
  });

  it("of a command that is too long", async () => {
    const { story, book } = now();
    await story.says("/zstack zone list");
    const command = lastSent(story.workspace, /slash_commands/);
    const text = `zone add ${"x".repeat(20_000)}`;
    await story.workspace.faults.deliver(changed(command, { text, trigger_id: newTrigger() }));
    await book.keepsSent("too-long", "it has 20009 characters; a command has at most");
  });

  it("of form fields with wrong values", async () => {
    const { story, book } = now();
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.shows(shown);
    await story.clicks("Confirm");
    await book.keepsAnswer("wrong-characters", { errors: await story.sends(`${ending(luns.orphan)}0`) });
  });

  it("of a record of events that can't be written", async () => {
    const { story, book } = now();
    await story.says(add);
    await story.shows(shown);
    const disk = await diskOf(story.directory);
    try {
      disk.fills();
      await story.clicks("Cancel");
      await book.keepsSent("click-full-disk", "No step was run", "the bot can't write into its data folder");
    } finally {
      disk.restore();
    }
  });
}

/** Sends a form of another version of the bot. Returns what replaces it. */
async function keepsForeignForm(story: Story, book: GoldenBook): Promise<string> {
  const click = lastSent(story.workspace, /block_actions/);
  const delivery = await story.workspace.faults.deliver({
    ...click,
    payload: {
      type: "view_submission",
      team: { id: "T0LOCAL" },
      user: { id: alice, team_id: "T0LOCAL" },
      view: { id: "V0OTHER", callback_id: "confirm", private_metadata: "op-1", state: { values: {} } },
    },
  });
  const answer = z.object({ response_action: z.string(), view: z.unknown() });
  const { response_action, view } = answer.parse(delivery.kind === "acked" ? delivery.payload : null);
  await book.keepsAnswer("form-not-ours", { view });
  return response_action;
}

/** The shown plans expire in a moment. */
export async function expires({ directory }: Story): Promise<void> {
  const file = join(directory, "operations.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/("expiresAt": ?)"[^"]+"/g, `$1"${new Date().toISOString()}"`));
}
