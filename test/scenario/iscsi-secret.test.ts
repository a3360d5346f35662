import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { Terminal } from "../terminal/terminal.ts";
import { byHand } from "./by-hand.ts";
import { type GuardedTarget, guardedTarget } from "./guarded-target.ts";
import { logins, LIMIT_MS as ONE_MS, secret, user } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, patient } from "./target.ts";
import { HOST3 } from "./two-clusters.ts";

const LIMIT_MS = patient(ONE_MS);

describe("iscsi login: a CHAP secret", () => {
  let story: Story;
  let guarded: GuardedTarget;
  beforeEach(async () => {
    story = await Story.begin();
    guarded = await guardedTarget(story, HOST3);
  }, LIMIT_MS);
  afterEach(() => story.ends());

  const logsIn = async (value: string) => {
    await story.says(guarded.login);
    await story.shows("The form asks for: CHAP secret of zstack");
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", value)).toEqual({});
  };

  itAtLength("is asked for in a form and is stored only on the hosts", { timeout: LIMIT_MS }, async () => {
    const wrong = "not-the-S3cret";
    await story.says(guarded.login);
    await story.shows("The form asks for: CHAP secret of zstack", /sed --in-place --file=-/);
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", "")).toHaveProperty("secret-chap");
    expect(await story.sendsSecret("chap", wrong)).toEqual({});
    await story.shows(": failed", "authorization failure");

    await story.says(guarded.login);
    const plan = await story.shows("The form asks for: CHAP secret of zstack", /automatic, CHAP as zstack/);
    await story.says(`/zstack operation show ${/op-\d+/.exec(textIn(plan))?.[0]}`);
    await story.shows("op-", "<secret>");
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", secret)).toEqual({});
    await story.shows(`Log ${HOST3} in to ${guarded.iqn}: done`, guarded.lun);

    expect(await recordOf(story)).toContain(`node.session.auth.password = ${secret}`);
    for (const value of [secret, wrong]) {
      expect(JSON.stringify(story.messages)).not.toContain(value);
      expect((await story.hosts.changes()).join("\n")).not.toContain(value);
      expect(story.logged.join("\n")).not.toContain(value);
      expect(await filesWith(story, value)).toEqual([]);
    }
  });

  itAtLength(
    "is asked for again after a restart, for the plan that was shown before",
    { timeout: LIMIT_MS },
    async () => {
      await story.says(guarded.login);
      await story.shows("The form asks for");
      await story.restartsBot();
      await story.clicks("Confirm");
      expect(await story.sendsSecret("chap", secret)).toEqual({});
      await story.shows(`Log ${HOST3} in to ${guarded.iqn}: done`);
      await story.says(guarded.login.replace(/ chap-user=.*/, ""));
      const plan = await story.shows("nothing, all is there");
      expect(textIn(plan)).not.toContain("The form asks for");
    },
  );

  itAtLength(
    "may be changed while sessions exist, which continue; the plan says when it is used",
    {
      timeout: LIMIT_MS,
    },
    async () => {
      const rotated = "r0tated-S3cret";
      await logsIn(secret);
      await story.shows(`Log ${HOST3} in to ${guarded.iqn}: done`);
      const before = await logins(story);
      await story.hosts.guards(guarded.iqn, user, rotated);

      await story.says(guarded.login);
      await story.shows(
        "The form asks for: CHAP secret of zstack",
        /sharedblock-host3 CHAP as zstack from the next login on logged in \S+ automatic, CHAP as zstack/,
        "used at the next login: after iscsi logout and iscsi login, or when the host starts",
      );
      await story.clicks("Confirm");
      expect(await story.sendsSecret("chap", rotated)).toEqual({});
      await story.shows(`Log ${HOST3} in to ${guarded.iqn}: done`);
      expect(await logins(story)).toEqual(before);
      const record = await recordOf(story);
      expect(record).toContain(`node.session.auth.password = ${rotated}`);
      expect(record).not.toContain(secret);
      await story.says(`/zstack iscsi list ${HOST3}`);
      expect(textIn(await story.shows("2 iSCSI sessions")).match(/logged in/g)).toHaveLength(2);

      await story.says(`/zstack iscsi logout ${HOST3} target=${guarded.iqn} portal=${guarded.portal}`);
      await story.clicks("Confirm");
      await story.shows(`Log ${HOST3} out of ${guarded.iqn}: done`);
    },
  );

  itAtLength("may contain every character of a keyboard", { timeout: LIMIT_MS }, async () => {
    const special = `a\\b\\\\"c' $d%&/<>=#{}()*.^[]!|~\`;:?@+-_,Z`;
    await story.hosts.guards(guarded.iqn, user, special);
    await logsIn(special);
    await story.shows(`Log ${HOST3} in to ${guarded.iqn}: done`);
    expect(await filesWith(story, special)).toEqual([]);
  });

  itAtLength("is asked for in a terminal too", { timeout: LIMIT_MS }, async () => {
    const terminal = await Terminal.at(story.directory);
    await terminal.ask(guarded.login.replace("/zstack ", ""));
    const answer = { kind: "confirm" as const, operationId: terminal.asked, typed: null };
    expect(await terminal.says({ ...answer, secrets: { chap: secret } })).toMatchObject({ good: true });
    terminal.goes();
    expect(terminal.text).not.toContain(secret);
    expect(JSON.stringify(story.messages)).not.toContain(secret);
    expect(await filesWith(story, secret)).toEqual([]);
  });

  itAtLength("can't be typed into the command", { timeout: LIMIT_MS }, async () => {
    await story.says(`${guarded.login} chap-secret=${secret}`);
    await story.shows(/chap-secret/);
    expect(await filesWith(story, secret)).toEqual([]);
  });
});

/** The first record on the host into which the bot wrote the secret. */
async function recordOf(story: Story): Promise<string> {
  const written = (await story.audit()).flatMap(({ event }) =>
    event.kind === "began" && event.argv[0] === "sed" ? event.argv.slice(-1) : [],
  );
  return byHand(story, HOST3, ["cat", "--", written[0] ?? ""]);
}

/** Files of the data folder with a text, except the file with the simulated hosts' disks. */
async function filesWith(story: Story, text: string): Promise<string[]> {
  const entries = await readdir(story.directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "simulated-san.json");
  expect(files.map(({ name }) => name)).toContain("audit.jsonl");
  const escaped = JSON.stringify(text).slice(1, -1);
  const found = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      // A file that was written next to its target and then moved does not exist any more.
      const content = await readFile(join(parentPath, name), "utf8").catch(() => "");
      return content.includes(text) || content.includes(escaped) ? [name] : [];
    }),
  );
  return found.flat();
}
