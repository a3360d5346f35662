import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { Terminal } from "../say/terminal.ts";
import { first, guarded, LIMIT_MS, loginGuarded, logins, luns, secret, user } from "./iscsi-words.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it } from "./target.ts";

const HOSTS = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"];

describe("a secret of CHAP", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it("is asked for in a form and is kept nowhere but on the hosts", { timeout: LIMIT_MS }, async () => {
    const wrong = "not-the-S3cret";
    await story.says(loginGuarded);
    await story.shows("Confirm asks for: CHAP secret of zstack", /sed --in-place --file=-/);
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", "")).toHaveProperty("secret-chap");
    expect(await story.sendsSecret("chap", wrong)).toEqual({});
    await story.shows(": failed", "authorization failure");

    await story.says(loginGuarded);
    await story.shows("Confirm asks for: CHAP secret of zstack", /automatic, CHAP as zstack/);
    await story.says("/zstack operation show op-2");
    await story.shows("op-2", "<secret>");
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", secret)).toEqual({});
    await story.shows(`Log cluster-1 in to ${guarded}: done`, luns.guarded);

    const record = story.san.file("sharedblock-host3", `/etc/iscsi/nodes/${guarded}/${first},3260`);
    expect(record).toContain(`node.session.auth.password = ${secret}`);
    for (const value of [secret, wrong]) {
      expect(JSON.stringify(story.messages)).not.toContain(value);
      expect(JSON.stringify(HOSTS.map((host) => story.san.ran(host)))).not.toContain(value);
      expect(story.logged.join("\n")).not.toContain(value);
      expect(await filesWith(story, value)).toEqual([]);
    }
  });

  it("is asked for again after a restart, of the plan that was shown before", { timeout: LIMIT_MS }, async () => {
    await story.says(loginGuarded);
    await story.shows("Confirm asks for");
    await story.restartsBot();
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", secret)).toEqual({});
    await story.shows(`Log cluster-1 in to ${guarded}: done`);
    await story.says(loginGuarded.replace(/ chap-user=.*/, ""));
    const plan = await story.shows("nothing, all is there");
    expect(textIn(plan)).not.toContain("Confirm asks for");
  });

  it("may be changed while sessions stand, which go on; the plan says when it is used", {
    timeout: LIMIT_MS,
  }, async () => {
    const rotated = "r0tated-S3cret";
    await story.says(loginGuarded);
    await story.clicks("Confirm");
    await story.sendsSecret("chap", secret);
    await story.shows(`Log cluster-1 in to ${guarded}: done`);
    const before = await logins(story);
    story.san.array.setChap(guarded, { user, secret: rotated });

    await story.says(loginGuarded);
    await story.shows(
      "Confirm asks for: CHAP secret of zstack",
      /sharedblock-host3 \S+ logged in \(\d+\) automatic, CHAP as zstack CHAP as zstack from the next login on/,
      "used at the next login: after iscsi logout and iscsi login, or when the host starts",
    );
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", rotated)).toEqual({});
    await story.shows(`Log cluster-1 in to ${guarded}: done (op-2)`);
    expect(await logins(story)).toEqual(before);
    const record = story.san.file("sharedblock-host3", `/etc/iscsi/nodes/${guarded}/${first},3260`);
    expect(record).toContain(`node.session.auth.password = ${rotated}`);
    expect(record).not.toContain(secret);
    await story.says("/zstack iscsi list cluster-1");
    expect(textIn(await story.shows("6 iSCSI sessions")).match(/logged in/g)).toHaveLength(6);

    await story.says(`/zstack iscsi logout cluster-1 target=${guarded} portal=${first}`);
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 out of ${guarded}: done`);
  });

  it("may hold every sign that a keyboard has", { timeout: LIMIT_MS }, async () => {
    const odd = `a\\b\\\\"c' $d%&/<>=#{}()*.^[]!|~\`;:?@+-_,Z`;
    story.san.array.setChap(guarded, { user, secret: odd });
    await story.says(loginGuarded);
    await story.shows("Confirm asks for");
    await story.clicks("Confirm");
    expect(await story.sendsSecret("chap", odd)).toEqual({});
    await story.shows(`Log cluster-1 in to ${guarded}: done`);
    expect(await filesWith(story, odd)).toEqual([]);
  });

  it("is asked for in a terminal too", { timeout: LIMIT_MS }, async () => {
    const terminal = await Terminal.at(story.directory);
    await terminal.ask(loginGuarded.replace("/zstack ", ""));
    const answer = { kind: "confirm" as const, operationId: terminal.asked, typed: null };
    expect(await terminal.says({ ...answer, secrets: { chap: secret } })).toMatchObject({ good: true });
    terminal.goes();
    expect(terminal.text).not.toContain(secret);
    expect(JSON.stringify(story.messages)).not.toContain(secret);
    expect(await filesWith(story, secret)).toEqual([]);
  });

  it("can't be typed into the command", async () => {
    await story.says(`${loginGuarded} chap-secret=${secret}`);
    await story.shows(/chap-secret/);
    expect(await filesWith(story, secret)).toEqual([]);
  });
});

/** Files of the data folder that hold a text, but for the one that is the simulated hosts' own disks. */
async function filesWith(story: Story, text: string): Promise<string[]> {
  const entries = await readdir(story.directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "simulated-san.json");
  expect(files.map(({ name }) => name)).toContain("audit.jsonl");
  const escaped = JSON.stringify(text).slice(1, -1);
  const found = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      // One that was written beside its file and moved meanwhile is not there any more.
      const content = await readFile(join(parentPath, name), "utf8").catch(() => "");
      return content.includes(text) || content.includes(escaped) ? [name] : [];
    }),
  );
  return found.flat();
}
