import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "vitest";
import type { Bot } from "../../src/bot.ts";
import { placeOf } from "../../src/slack/place.ts";
import type { FaultyAnswer } from "../../src/workspace/server/slack-faults.ts";
import * as largest from "../host/largest-output.ts";
import { startedBot } from "../scenario/bot-of-story.ts";
import { changed, lastSent, newTrigger } from "../scenario/sent.ts";
import type { Story } from "../scenario/story.ts";
import { luns } from "../scenario/target.ts";
import { diskOf } from "../store/full-disk.ts";
import { newDirectory } from "../terminal/program.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { GoldenBook } from "./golden-book.ts";

const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const channel = "C0STORAGE";
const add = `/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;
const shown = "Add ps-1 to cluster-1";
/** Like a kill: the next start finds the present files, without what the bot writes when it stops. */
async function isKilled(story: Story): Promise<void> {
  const names = ["operations.json", "audit.jsonl", "audit-checkpoints.jsonl"];
  const files = names.map((name) => join(story.directory, name));
  const texts = await Promise.all(files.map((file) => readFile(file)));
  await story.restartsBot(async () => {
    await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? "")));
  });
}

const error = (code: string): FaultyAnswer => ({ kind: "error", code });
const lost: FaultyAnswer = { kind: "http", status: 404 };

/** Faults between the bot and Slack, restarts, other bots and terminals. */
export function tellsOfTroubles(now: () => { story: Story; book: GoldenBook }): void {
  /** When the bot shows that a plan was confirmed. */
  const onceConfirmed = (story: Story, happens: () => void) => {
    let isOver = false;
    const when = ({ text }: Readonly<Record<string, unknown>>) => {
      if (!isOver && /: (confirmed|running)\b.*\(op-1\)/.test(String(text))) {
        isOver = true;
        happens();
      }
      return false;
    };
    story.workspace.slackFaults.calls("chat.update", { answer: error("internal_error"), when });
  };

  it("of a start after an operation was interrupted, before its first step and during it", async () => {
    const { story, book } = now();
    await story.says(add);
    await story.shows(shown);
    await story.hosts.fault(HOST2, { kind: "slow", ms: 60_000 });
    await story.confirms("");
    await book.keepsSent("confirmed", ": confirmed, checking the hosts again (op-1)");
    await isKilled(story);
    await book.keepsSent("stopped-before-first-step", "(op-1)", "the bot stopped before the first step");
    await story.says(add);
    await story.shows(shown);
    await story.hosts.fault(HOST1, { kind: "hangs", program: "vgcreate" });
    await story.confirms("");
    await story.begins("vgcreate");
    await isKilled(story);
    await book.keepsSent("interrupted", ": unknown (op-2)", "What had begun");
    await book.asks("operation-list-interrupted", "operation list", "the bot stopped while it ran");
    await book.asks("operation-show-interrupted", "operation show op-2", "the bot stopped before the result");
  });

  it("of an end that its place takes late and that is shown elsewhere until then", async () => {
    const { story, book } = now();
    story.workspace.slackFaults.calls("response_url", { answer: lost });
    onceConfirmed(story, () => story.workspace.changeChannel(channel, { isArchived: true }));
    await story.says(add);
    await story.confirms("");
    await book.keepsSent("end-posted-elsewhere", "This result is posted here");
    await story.restartsBot();
    story.workspace.changeChannel(channel, { isArchived: false });
    await book.keepsSent("late-end", ": done (op-1)", "It ended at ");
  });

  it("of answers, plans and forms that Slack does not take", async () => {
    const { story, book } = now();
    story.workspace.slackFaults.calls("chat.postMessage", { answer: error("is_archived") });
    await story.says("/zstack zone list");
    await book.keepsSent("only-you-see-it", "Only you see this answer");
    await story.says("/zstack zone add ZONE-2");
    await book.keepsSent("change-not-taken", "Slack did not accept the plan");
    story.workspace.slackFaults.well("chat.postMessage");
    book.listens();
    await book.asks("operation-list-not-posted", "operation list", "its plan could not be posted");
    await story.says(add);
    await story.shows(shown);
    story.workspace.slackFaults.calls("views.open", { answer: error("internal_error") });
    await story.clicks("Confirm");
    await book.keepsSent("form-not-opened", "Your click or command was not run");
    story.workspace.slackFaults.well("views.open");
    book.listens();
    await story.hosts.fault(HOST2, { kind: "slow", ms: 8_000 });
    await story.says("/zstack lun list cluster-1");
    await story.shows("Observing the hosts");
    const isAnswer = ({ text }: Readonly<Record<string, unknown>>) => String(text).includes("LUNs on");
    story.workspace.slackFaults.calls("chat.update", { answer: error("is_archived"), when: isAnswer });
    await book.keepsSent("answered-elsewhere", "Only the person who asked sees the answer");
  });

  it("of a plan that changed since it was shown, and of a change that must wait for another", async () => {
    const { story, book } = now();
    const third = story.bot.world.inventory.current().hosts.find(({ name }) => name === HOST3);
    await story.says(`/zstack host remove ${HOST3}`);
    await story.clicks("Confirm");
    await story.shows(`Remove host ${HOST3}: done`);
    await story.says(`/zstack host add ${HOST3} address=${third?.address} port=${third?.port} cluster=cluster-1`);
    await story.shows(`Trust ${HOST3}`);
    await story.hosts.fault(HOST3, { kind: "other host key" });
    await story.clicks("Confirm");
    await book.keepsSent("changed-since", "What changed since the plan was shown");
    await story.hosts.fault(HOST1, { kind: "hangs", program: "tee" });
    await story.says(`/zstack host rescan ${HOST1}`);
    await story.begins("tee");
    await story.says(`/zstack host rescan ${HOST1}`);
    await book.keepsSent("waiting", ": waiting for op-3 (op-4)", "Place 1 in the queue");
    await story.clicks("Leave the Queue");
    await book.keeps("left-queue", ": cancelled (op-4)", "No step was run");
    await book.asks("stop-ended", "operation stop op-4", "op-4 is cancelled already");
  });

  it("of bugs: before an answer, at a click, during the steps and after them", async () => {
    const { story, book } = now();
    const { hosts, operations } = story.bot.world;
    const { gather, run } = hosts;
    hosts.gather = async () => Promise.reject(new TypeError("a bug that this story makes"));
    await story.says("/zstack lun list cluster-1");
    await book.keepsSent("bug", "This is a bug of the bot");
    hosts.gather = gather;
    await story.says(add);
    await story.shows(shown);
    const { get } = operations;
    operations.get = () => {
      throw new TypeError("a bug that this story makes");
    };
    book.forgets();
    await story.clicks("Cancel");
    await book.keepsSent("bug-at-click", "This is a bug of the bot", "operation list");
    operations.get = get;
    hosts.run = async () => Promise.reject(new TypeError("a bug that this story makes"));
    await story.confirms("");
    await book.keepsSent("bug-in-step", ": unknown (op-1)", "a bug of the bot");
    hosts.run = run;
  });

  it("of an end after which the hosts can't be read, and of a log that is full before a step", async () => {
    const { story, book } = now();
    const { hosts } = story.bot.world;
    const { gather } = hosts;
    await story.says("/zstack sharedblock list");
    await story.says(add);
    await story.shows(shown);
    hosts.gather = async (host, reads, options) =>
      options?.urgency === "operation" && options.withinMs !== null
        ? Promise.reject(new TypeError("a bug that this story makes"))
        : Reflect.apply(gather, hosts, [host, reads, options]);
    await story.confirms("");
    await book.keepsSent("end-without-observation", ": done (op-1)", "What the hosts show now could not be read.");
    hosts.gather = gather;
    for (const { name } of story.san.hosts) await story.hosts.fault(name, { kind: "down" });
    await book.asks("sharedblock-volumes-unseen", "sharedblock volumes ps-1", "Volumes of ps-1");
    for (const { name } of story.san.hosts) await story.hosts.heal(name);
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1");
    const disk = await diskOf(story.directory);
    try {
      disk.fillsAfter(/"kind":"confirmed"/);
      await story.clicks("Confirm");
      await book.keepsSent("full-disk-before-step", "(op-2)", "can't be written");
    } finally {
      disk.restore();
    }
  });

  it("of two long tables, one of which follows in the thread", async () => {
    const { story, book } = now();
    const rows = Array.from({ length: 12 }, (_, index) => [`host-${index + 1}`, "mpatha", "3/3"]);
    const maps = { kind: "table" as const, caption: "Maps", columns: ["host", "map", "paths"], rows };
    const parts = [{ ...maps, caption: "LUNs", compared: true as const }, maps];
    const place = story.bot.world.conversations.at(placeOf(channel));
    await place.say({ reply: { title: "Two tables", tone: "plain", parts, next: [] } });
    await book.keeps("two-tables", "Two tables");
    story.workspace.slackFaults.calls("files.getUploadURLExternal", { answer: error("missing_scope") });
    const lines = Array.from({ length: 400 }, (_, index) => `line ${index} of many ${"x".repeat(60)}`);
    await place.say({ reply: { title: "Long", tone: "plain", parts: [{ kind: "code", lines }], next: [] } });
    await book.keepsSent("file-not-uploaded", "could not be uploaded");
  });

  it("of a host that gives an implausible answer", async () => {
    const { story, book } = now();
    await story.hosts.fault(HOST2, {
      kind: "invalid output",
      program: "multipath",
      stdout: largest.multipath(90_000, 8),
    });
    await book.asks("implausible", "lun list cluster-1", "LUNs on 3 hosts", "implausible");
  });

  it("of more open queries than the bot takes", async () => {
    const { story, book } = now();
    await story.hosts.fault(HOST2, { kind: "slow", ms: 90_000 });
    await story.says("/zstack lun list cluster-1");
    const command = lastSent(story.workspace, /slash_commands/);
    const people = Array.from({ length: 15 }, (_, at) => `U0PERSON${at}`);
    const grant = {
      role: "operator" as const,
      clusters: "all" as const,
      by: "U0ALICE01",
      at: new Date().toISOString(),
    };
    await story.bot.world.access.changeGrants((grants) => [
      [...grants, ...people.map((who) => ({ who, ...grant }))],
      undefined,
    ]);
    for (let asked = 0; asked < 60; asked++) {
      const user = { user_id: people[asked % people.length], trigger_id: newTrigger() };
      await story.workspace.faults.deliver(changed(command, user));
    }
    await book.keepsSent("too-many-of-all", /the bot has \d+ open commands/);
  });

  it("of another bot with the same tokens", async () => {
    const { story, book } = now();
    let other: Bot | null = null;
    try {
      other = await startedBot(story.workspace, await newDirectory(), null, []);
      await book.keepsSent("other-bot", "Another bot is connected with the same Slack tokens");
    } finally {
      await other?.stop();
    }
  });

  it("of a change that was typed at a terminal", async () => {
    const { story, book } = now();
    const terminal = await Terminal.at(story.directory);
    await terminal.ask(add.replace("/zstack ", ""));
    await book.keepsSent("terminal-plan", "It was typed in a terminal and can be confirmed only there.");
    const operationId = terminal.asked;
    await terminal.says({ kind: "confirm", operationId, typed: null, secrets: {} });
    await book.keepsSent("terminal-end", `: done (${operationId})`);
    terminal.goes();
  });
}
