import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Bot } from "../../src/bot.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { botInSlack, newWorkspace } from "../terminal/bot-in-slack.ts";
import { newDirectory } from "../terminal/program.ts";
import { startedBot } from "./bot-of-story.ts";
import { buttonsIn, decisionsIn, textIn } from "./message-text.ts";
import { changed, lastSent, newTrigger } from "./sent.ts";
import { alice, Story, until } from "./story.ts";
import { itSimulated as it, luns, patient } from "./target.ts";

const LIMIT_MS = patient(60_000);
/** The seal of op-1. */
const sealOf = ({ bot }: Story) => {
  const operation = bot.world.operations.get("op-1");
  return `${operation?.digest}.${operation?.nonce}`;
};
const add = `/zstack sharedblock add cluster-1 wwid=${luns.blank}`;

describe("any command: what runs is the plan above the button", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let other: Bot | null = null;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(async () => {
    story.workspace.faults.onlyTo(() => true);
    await other?.stop();
    other = null;
    await story.ends();
  }, LIMIT_MS);

  const clickOn = async (message: PageMessage, label: "Confirm" | "Cancel") => {
    const button = buttonsIn(message).find((each) => each.actionId === label.toLowerCase());
    if (button === undefined) throw new Error(`no button ${label}`);
    const { ts, blockId, actionId } = button;
    await story.workspace.click({ person: alice, messageTs: ts, blockId, actionId });
  };
  const ephemeral = (text: string) =>
    until(
      () => story.messages.findLast((message) => message.onlyFor === alice && textIn(message).includes(text)),
      patient(20_000),
    );
  const begun = async () => (await story.audit()).filter(({ event }) => event.kind === "began");

  it("a plan of another bot with the same tokens is not known here: Confirm, Cancel and its form", async () => {
    await story.says(add);
    const first = await story.shows("Add sharedblock-cluster-1");
    other = await startedBot(story.workspace, await newDirectory(), null, []);
    const toFirst = () => story.workspace.faults.onlyTo((number) => number <= 2);
    const toOther = () => story.workspace.faults.onlyTo((number) => number > 2);
    toOther();
    await story.says("/zstack sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a wipe=true name=other");
    await until(() => (other?.world.operations.get("op-1")?.messageId ? true : undefined), patient(20_000));
    expect(other.world.operations.get("op-1")?.state).toBe("planned");

    await clickOn(first, "Confirm");
    expect(await ephemeral("the plan in this message is not known here")).toBeDefined();
    expect(story.workspace.state().views).toEqual([]);
    await clickOn(first, "Cancel");
    expect(await until(() => (refusals(story, "is not known here") === 2 ? true : undefined), patient(20_000))).toBe(
      true,
    );

    toFirst();
    await clickOn(first, "Confirm");
    toOther();
    expect(await story.sends(null)).toEqual({});
    expect(await until(() => (refusals(story, "is not known here") === 3 ? true : undefined), patient(20_000))).toBe(
      true,
    );

    expect(other.world.operations.get("op-1")).toMatchObject({ state: "planned", confirmedBy: null });
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "planned", confirmedBy: null });
    expect(await begun()).toEqual([]);
  });

  it("a plan of a lost data folder is not known to the next one", async () => {
    await story.says(add);
    const old = await story.shows("Add sharedblock-cluster-1");
    await story.restartsBot(() => rm(join(story.directory, "operations.json")));
    await story.says(add);
    await until(() => (story.bot.world.operations.get("op-1")?.messageId ? true : undefined), patient(20_000));
    await clickOn(old, "Confirm");
    expect(await ephemeral("it is from another bot, data folder or version")).toBeDefined();
    expect(story.bot.world.operations.get("op-1")?.state).toBe("planned");
    expect(await begun()).toEqual([]);
  });

  it("a copy of the data folder does not know the plans of the first: one click runs one plan once", async () => {
    await story.says(add);
    const shown = await story.shows("Add sharedblock-cluster-1");
    const copy = await newDirectory();
    for (const name of ["operations.json", "audit.jsonl", "folder.json"])
      await cp(join(story.directory, name), join(copy, name));
    other = await startedBot(story.workspace, copy, null, []);
    story.workspace.faults.onlyTo((number) => number > 2);
    await clickOn(shown, "Confirm");
    expect(await ephemeral("the plan in this message is not known here")).toBeDefined();
    story.workspace.faults.onlyTo((number) => number <= 2);
    await clickOn(shown, "Confirm");
    expect(await story.sends(null)).toEqual({});
    await story.shows(": done");
    expect(other.world.operations.get("op-1")).toMatchObject({ state: "expired", confirmedBy: null });
  });

  it("a button of a version without seals gets the same answer", async () => {
    await story.says(add);
    const shown = await story.shows("Add sharedblock-cluster-1");
    await clickOn(shown, "Confirm");
    const click = lastSent(story.workspace, /block_actions/);
    const { payload } = click as { payload: { actions: object[] } };
    const old = [{ ...payload.actions[0], value: "op-1" }];
    await story.workspace.faults.deliver(changed(click, { actions: old, trigger_id: newTrigger() }));
    expect(await ephemeral("it is from another bot, data folder or version")).toBeDefined();
    await clickOn(shown, "Cancel");
    await story.shows(": cancelled");
    expect(await begun()).toEqual([]);
  });

  it("a click counts only in the operation's own channel and thread, and by its own message", async () => {
    await story.says(add);
    const shown = await story.shows("Add sharedblock-cluster-1");
    await clickOn(shown, "Cancel");
    await story.shows(": cancelled");
    await story.says(add);
    await until(() => (story.bot.world.operations.get("op-2")?.messageId ? true : undefined), patient(20_000));
    const second = story.messages.findLast((message) => decisionsIn(message).length > 0);
    if (second === undefined) throw new Error("no second plan");
    await clickOn(second, "Confirm");
    const click = lastSent(story.workspace, /block_actions/);
    const again = (values: Record<string, unknown>) =>
      story.workspace.faults.deliver(changed(click, { trigger_id: newTrigger(), ...values }));
    await again({ "message.thread_ts": "1.000001" });
    expect(await ephemeral("its plan is in another channel or thread")).toBeDefined();
    await again({ "message.ts": "1.000001" });
    const link = `${story.workspace.apiUrl.replace("api/", "")}archives/C0STORAGE/p${second.ts.replace(".", "")}`;
    const refused = await ephemeral("this message is a copy: Slack posted the plan twice");
    expect(refused && textIn(refused)).toContain(link);
    expect(story.bot.world.operations.get("op-2")?.state).toBe("planned");
    expect(await begun()).toEqual([]);
  });

  it("a plan with replies below it can be confirmed: its thread is its own", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} wipe=true`);
    const shown = await story.shows("Add sharedblock-cluster-1");
    await story.workspace.say({ person: alice, text: "shall we?", threadTs: shown.ts });
    await clickOn(shown, "Cancel");
    await story.shows(": cancelled");
  });

  it("a click that comes before Slack's answer to the post counts, and its message becomes the operation's", async () => {
    story.workspace.slackFaults.calls("chat.postMessage", {
      answer: { kind: "late", ms: 4_000 },
      times: 1,
      effect: "after",
    });
    await story.says(add);
    const shown = await story.shows("Add sharedblock-cluster-1");
    expect(story.bot.world.operations.get("op-1")?.messageId).toBeNull();
    await clickOn(shown, "Cancel");
    await story.shows(": cancelled");
    expect(story.bot.world.operations.get("op-1")).toMatchObject({ state: "cancelled", messageId: shown.ts });
  });

  it("of a plan that Slack posted twice one message counts; the other loses its buttons and names the place", async () => {
    // The bot would see in the history that the first is there.
    story.workspace.slackFaults.calls("conversations.history", { answer: { kind: "error", code: "missing_scope" } });
    story.workspace.slackFaults.calls("chat.postMessage", { answer: { kind: "broken" }, times: 1, effect: "after" });
    await story.says(add);
    const both = () => story.messages.filter((message) => decisionsIn(message).length > 0);
    await until(() => (both().length === 2 ? true : undefined), patient(30_000));
    const own = await until(() => story.bot.world.operations.get("op-1")?.messageId ?? undefined, patient(20_000));
    const [copy] = both().filter(({ ts }) => ts !== own);
    if (copy === undefined) throw new Error("there is no copy");
    await clickOn(copy, "Confirm");
    expect(await ephemeral("this message is a copy: Slack posted the plan twice")).toBeDefined();
    await until(() => (both().length === 1 ? true : undefined), patient(20_000));
    expect(both().map(({ ts }) => ts)).toEqual([own]);
    expect(story.bot.world.operations.get("op-1")?.state).toBe("planned");
    await story.clicks("Cancel");
    await story.shows(": cancelled");
  });

  it("a button that this bot does not know is answered, and runs nothing", async () => {
    await story.says(add);
    await clickOn(await story.shows("Add sharedblock-cluster-1"), "Cancel");
    await story.shows(": cancelled");
    const click = lastSent(story.workspace, /block_actions/);
    const { payload } = click as { payload: { actions: object[] } };
    for (const other of [{ action_id: "approve" }, { value: undefined }]) {
      const actions = [{ ...payload.actions[0], ...other }];
      await story.workspace.faults.deliver(changed(click, { actions, trigger_id: newTrigger() }));
    }
    const notice = await until(
      () => (refusals(story, "This click is not known here") === 2 ? true : undefined),
      patient(20_000),
    );
    expect(notice).toBe(true);
    expect(story.logged).toEqual([]);
  });

  it("a button that this bot does not know is answered if its response URL fails too", async () => {
    await story.says(add);
    await clickOn(await story.shows("Add sharedblock-cluster-1"), "Cancel");
    await story.shows(": cancelled");
    const click = lastSent(story.workspace, /block_actions/);
    const { payload } = click as { payload: { actions: object[] } };
    const actions = [{ ...payload.actions[0], action_id: "approve" }];
    story.workspace.slackFaults.calls("response_url", { answer: { kind: "http", status: 500 } });
    await story.workspace.faults.deliver(changed(click, { actions, trigger_id: newTrigger() }));
    expect(await ephemeral("This click is not known here")).toBeDefined();
    expect(story.messages.map(textIn).join("\n")).not.toContain("bug of the bot");
  });

  it("a form that is sent from a channel that the bot was just removed from runs nothing", async () => {
    await story.says(add);
    await clickOn(await story.shows("Add sharedblock-cluster-1"), "Confirm");
    await until(() => story.workspace.state().views[0], patient(10_000));
    story.workspace.changeChannel("C0STORAGE", { botIsMember: false });
    expect(await story.sends(null)).toEqual({});
    expect(await ephemeral("the bot is not a member of this channel")).toBeDefined();
    expect(story.bot.world.operations.get("op-1")?.state).toBe("planned");
    expect(await begun()).toEqual([]);
  });

  it("a form that stayed open until its plan expired says so, and runs nothing", async () => {
    // Of a bot that has been up for an hour.
    const since = new Date(Date.now() - 3_600_000).toISOString();
    await story.restartsBot(() =>
      writeFile(join(story.directory, "seen-gestures.jsonl"), `${JSON.stringify({ since })}\n`),
    );
    await story.says(add);
    const shown = await story.shows("Add sharedblock-cluster-1");
    await clickOn(shown, "Confirm");
    const view = await until(() => story.workspace.state().views[0], patient(10_000));
    const seal = sealOf(story);
    const file = join(story.directory, "operations.json");
    await story.restartsBot(async () => {
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace(/("expiresAt": ?)"[^"]+"/, `$1"${new Date().toISOString()}"`));
    });
    await story.shows(": expired");
    const metadata = {
      ...{ operationId: "op-1", seal, messageId: shown.ts, place: { channel: "C0STORAGE", threadTs: null } },
      clickedAt: Date.now() - 11 * 60_000,
    };
    const click = lastSent(story.workspace, /block_actions/);
    const { team, user } = click.payload as { team: object; user: object };
    await story.workspace.faults.deliver({
      ...click,
      payload: {
        ...{ type: "view_submission", team, user },
        view: {
          ...{ id: view?.id, callback_id: "confirm", state: { values: {} } },
          private_metadata: JSON.stringify(metadata),
        },
      },
    });
    expect(await ephemeral("nobody confirmed the plan in time")).toBeDefined();
    expect(await begun()).toEqual([]);
  });

  it("a click in a channel where commands are no longer taken runs nothing", async () => {
    await story.says(add);
    const shown = await story.shows("Add sharedblock-cluster-1");
    await clickOn(shown, "Confirm");
    await story.restartsBot();
    story.workspace.changeChannel("C0STORAGE", { botIsMember: false });
    expect(await story.sends(null)).toEqual({});
    await clickOn(shown, "Cancel");
    expect(await ephemeral("the bot is not a member of this channel")).toBeDefined();
    expect(story.bot.world.operations.get("op-1")?.state).toBe("planned");
    expect(await begun()).toEqual([]);
  });
});

const refusals = (story: Story, text: string): number =>
  story.messages.filter((message) => message.onlyFor === alice && textIn(message).includes(text)).length;

it("CHANNELS counts at the click, not when the plan was shown", { timeout: LIMIT_MS }, async () => {
  const workspace = await newWorkspace();
  const settings = { dataDirectory: await newDirectory(), operators: [alice], channels: ["C0STORAGE"] };
  const first = await botInSlack(workspace, settings);
  await workspace.say({ person: alice, text: add, threadTs: null });
  const plan = await until(
    () => workspace.state().messages.find((message) => decisionsIn(message).length > 0),
    patient(30_000),
  );
  await first.stop();
  const second = await botInSlack(workspace, { ...settings, channels: ["C0OUTSIDE"] });
  const [confirm] = plan === undefined ? [] : decisionsIn(plan);
  if (confirm === undefined) throw new Error("no plan was shown");
  await workspace.click({
    person: alice,
    messageTs: confirm.ts,
    blockId: confirm.blockId,
    actionId: confirm.actionId,
  });
  const notice = await until(
    () =>
      workspace
        .state()
        .messages.find((message) => textIn(message).includes("the bot serves only C0OUTSIDE (CHANNELS)")),
    patient(20_000),
  );
  expect(notice?.onlyFor).toBe(alice);
  expect(second.world.operations.get("op-1")).toMatchObject({ state: "planned", confirmedBy: null });
  await second.stop();
  await workspace.stop();
});
