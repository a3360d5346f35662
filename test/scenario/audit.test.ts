import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { verifyLogAt } from "../../src/store/audit-verify.ts";
import { guardedTarget } from "./guarded-target.ts";
import { secret } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, itSimulated, luns, patient } from "./target.ts";
import { HOST3 } from "./two-clusters.ts";

const LIMIT_MS = patient(120_000);

describe("audit log: questions about it in the channel", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends());

  const asks = async (words: string, ...shows: (string | RegExp)[]) => {
    await story.says(`/zstack ${words}`);
    return textIn(await story.shows(...shows));
  };

  itSimulated("audit list finds operations by risk, outcome, cluster, storage and LUN", async () => {
    await story.says("/zstack zone add ZONE-2");
    await story.shows("ZONE-2", ": done");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.shows("Add ps-1 to cluster-1");
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says("/zstack sharedblock disable ps-1");
    await story.clicks("Cancel");
    await story.shows(": cancelled");

    const found = async (conditions: string) => {
      const text = await asks(`audit list ${conditions}`, /audit log/);
      return [...text.matchAll(/\bop-\d+ (?=done|cancelled|refused|failed)/g)].map(([id]) => id.trim());
    };
    expect(await found("risk=destructive outcome=done")).toEqual(["op-2"]);
    expect(await found("outcome=cancelled")).toEqual(["op-3"]);
    expect(await found(`wwid=${luns.orphan}`)).toEqual(["op-2"]);
    expect(await found("storage=ps-1 cluster=cluster-1")).toEqual(["op-2"]);
    expect(await found("host=sharedblock-host1 risk=destructive")).toEqual(["op-2"]);
    expect(await found("cluster=cluster-9")).toEqual([]);
    expect(await found("since=2h until=2030-01-01")).toEqual(["op-3", "op-2", "op-1"]);
    await asks("audit list risk=high", "was not understood", "risk");
  });

  itSimulated("audit show has all of an operation, also after the bot forgot it", async () => {
    const add = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
    await story.says(`/zstack ${add}`);
    const plan = textIn(await story.shows("Add ps-1 to cluster-1"));
    expect(plan).toContain("wipefs");
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
    const shownLines = story.bot.world.operations.get("op-1")?.shown ?? [];
    const expected = [
      ...[/asked by/, /confirmed by/, /\/archives\//, /destructive/, /The plan/, /result/, /Host commands/],
      ...[/sharedblock-host\d: wipefs/, /done, exit code 0/, /^ +\| /m],
    ];
    const showsAll = async () => {
      const before = uploadsOf(story);
      await asks("audit show op-1", "op-1", "risk: destructive", "in the file");
      await expect.poll(() => uploadsOf(story), { timeout: patient(20_000) }).toBe(before + 1);
      const text = story.messages.flatMap(({ files }) => files).at(-1)?.text ?? "";
      for (const each of expected) expect(text).toMatch(each);
      for (const line of shownLines) expect(text).toContain(line.split(/[\n\t]/)[0]);
      expect(shownLines.length).toBeGreaterThan(10);
    };
    await showsAll();
    await story.restartsBot(async () => {
      const path = join(story.directory, "operations.json");
      await writeFile(path, JSON.stringify({ version: 1, nextNumber: 2, operations: [] }));
    });
    await asks("operation show op-1", "NOT_FOUND");
    await showsAll();
    await asks("audit show op-99", "op-99 does not exist");
  });

  itSimulated("audit export posts the same rows as CSV and JSON Lines in the thread", async () => {
    await story.says("/zstack zone add ZONE-2");
    await story.shows(": done");
    await story.says('/zstack zone add "ZONE-3"');
    await story.shows("ZONE-3", ": done");
    await story.says("/zstack audit export");
    await story.shows("2 operations of the audit log", "audit.csv");
    const [csv, json] = await filesOf(story, "audit.csv", "audit.jsonl");
    const rows = json
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ operation, state }) => [operation, state])).toEqual([
      ["op-1", "done"],
      ["op-2", "done"],
    ]);
    expect(csv.split("\r\n")[0]).toBe(
      "operation,askedAt,askedBy,approvedBy,rejectedBy,breakGlassBy,reason,confirmedBy,risk,words,state,result,link",
    );
    expect(csv).toContain('"zone add ""ZONE-3"""');
    expect(csv).toContain("U0ALICE01");

    await story.says("/zstack audit export operation=op-1 steps=true");
    await story.shows("entries of the audit log");
    await expect.poll(() => uploadsOf(story), { timeout: patient(20_000) }).toBe(4);
    const [, entries] = await filesOf(story, "audit.csv", "audit.jsonl");
    const own = (await story.audit()).filter(({ operationId }) => operationId === "op-1");
    expect(
      entries
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(own);
  });

  itSimulated("audit verify checks the log, its signatures and an entry that a message shows", async () => {
    await story.says("/zstack zone add ZONE-2");
    const [, anchor = ""] = textIn(await story.shows("ZONE-2", ": done")).match(/audit (\d+:[0-9a-f]{16})/) ?? [];
    await asks(
      `audit verify anchor=${anchor}`,
      "The audit log is complete",
      `entry ${anchor.split(":")[0]} has the hash`,
    );
    await asks("audit verify anchor=1:000000000000", "AUDIT_LOG_DAMAGED", "Entry 1 of the audit log does not fit");
    await asks("audit verify anchor=x", "was not understood", "N:HASH");
    await story.restartsBot();
    await asks("audit verify", "signed", /SHA256:/);
    expect(await verifyLogAt(join(story.directory, "audit.jsonl"), {})).toMatchObject({
      kind: "whole",
      checkpoints: 1,
    });
  });

  itSimulated("the key of the signatures is posted in the channel of a Slack workspace, once", async () => {
    const { botToken, appToken, apiUrl, channels } = story.workspace;
    const slack = { botToken, appToken, apiUrl };
    const settings = { slack, channels: channels.map(({ id }) => id), operators: ["U0ALICE01"] };
    const posts = () => story.messages.filter((each) => textIn(each).includes("The audit log is signed with"));
    await story.restartsBot(undefined, settings);
    await expect.poll(posts, { timeout: patient(20_000) }).toHaveLength(1);
    expect(textIn(posts()[0] ?? expect.fail())).toContain(story.bot.world.audit.key.fingerprint);
    await story.restartsBot(undefined, settings);
    await story.says("/zstack zone list");
    await story.shows("ZONE-1");
    expect(posts()).toHaveLength(1);
  });
});

describe("audit log: secrets", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterEach(() => story.ends());

  itSimulated("are in no file of the data folder, in no message and in no log", async () => {
    const { botToken, appToken } = story.workspace;
    const forward = { syslog: null, webhook: { url: `http://127.0.0.1:9/${hookToken}`, secret: hookSecret } };
    const { login, iqn } = await guardedTarget(story, HOST3);
    await story.restartsBot(undefined, { forward });
    await story.says(login);
    await story.shows("The form asks for");
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", secret)).toEqual({});
    await story.shows(`Log ${HOST3} in to ${iqn}: done`);
    for (const words of [
      "audit list steps=true last=100",
      "audit show op-1",
      "audit export steps=true",
      "audit verify",
    ]) {
      await story.says(`/zstack ${words}`);
      await story.shows(/audit log|op-1/);
    }
    const key = await readFile(join(story.directory, "audit-key.pem"), "utf8");
    const sshKey = await readFile(join(story.directory, "simulated-keys", "bot"), "utf8").catch(() => "");
    const keyLines = [key, sshKey].flatMap((text) => text.split("\n").filter((line) => /^[\w+/=]{40,}$/.test(line)));
    expect(keyLines.length).toBeGreaterThan(0);
    await story.restartsBot(undefined, { forward });
    const planted = [secret, botToken, appToken, hookSecret, hookToken, story.bot.world.buttonKey, ...keyLines];
    const uploaded = (await filesOf(story, "audit.csv", "audit.jsonl")).join("\n");
    const places: Readonly<Record<string, string>> = {
      messages: JSON.stringify(story.messages),
      log: story.logged.join("\n"),
      uploaded,
      ...(await filesIn(story.directory)),
    };
    expect(Object.keys(places)).toEqual(
      expect.arrayContaining(["audit.jsonl", "operations.json", "audit-checkpoints.jsonl"]),
    );
    for (const value of planted) {
      const escaped = JSON.stringify(value).slice(1, -1);
      const found = Object.entries(places).filter(([, text]) => text.includes(value) || text.includes(escaped));
      expect(
        found.map(([name]) => name),
        value.slice(0, 12),
      ).toEqual(ownPlacesOf(value, key, story));
    }
  });
});

/** Of AUDIT_WEBHOOK_SECRET, and in the address of AUDIT_WEBHOOK. */
const [hookSecret, hookToken] = ["a-secret-of-a-webhook", "a-token-of-a-webhook"];
const uploadsOf = ({ messages }: Story): number => messages.flatMap(({ files }) => files).length;

/** The latest uploaded files with these names, once they are there. */
async function filesOf(story: Story, csv: string, json: string): Promise<readonly [string, string]> {
  const latest = (name: string) => story.messages.flatMap(({ files }) => files).findLast(({ title }) => title === name);
  await expect.poll(() => latest(json) !== undefined, { timeout: patient(20_000) }).toBe(true);
  return [latest(csv)?.text ?? "", latest(json)?.text ?? ""];
}

/** A secret is in the file that keeps it, and nowhere else. The simulated hosts are files too. */
function ownPlacesOf(value: string, key: string, { bot }: Story): unknown {
  if (value === secret) return ["simulated-san.json"];
  if (value === hookSecret || value === hookToken) return [];
  if (value === bot.world.buttonKey) return ["folder.json"];
  if (key.includes(value)) return ["audit-key.pem"];
  return expect.toSatisfy((names: readonly string[]) => names.every((name) => name.startsWith("simulated-")));
}

/** The content of each file, by its path in the folder. */
async function filesIn(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    const text = name.endsWith(".gz") ? gunzipSync(content).toString("utf8") : content.toString("utf8");
    return [path.slice(directory.length + 1), text] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
