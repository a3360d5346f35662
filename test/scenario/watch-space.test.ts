import { afterEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { type Story, until } from "./story.ts";
import { itSimulated, patient } from "./target.ts";
import { quickWatch } from "./watch-words.ts";
import { storageUuid, withStorage } from "./with-storage.ts";

const LIMIT_MS = patient(120_000);
const HOST1 = "sharedblock-host1";
const settings = { ...quickWatch, groupsEveryMs: 500 };
const gib = 1024 ** 3;

describe("watch show: what fills, and what does not answer", { timeout: LIMIT_MS }, () => {
  let story: Story;
  afterEach(() => story.ends());

  async function watches(): Promise<string> {
    story = await withStorage();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
    return storageUuid(story);
  }
  /** The message of the incident with this title, as it is now. */
  const shows = async (title: RegExp, ...more: readonly RegExp[]) => {
    const all = [title, ...more];
    const found = () => story.messages.map(textIn).find((text) => all.every((each) => each.test(text)));
    return (await until(found, patient(30_000))) ?? expect.fail(story.messages.map(textIn).join("\n---\n"));
  };

  itSimulated("posts a thin pool and a snapshot that are nearly full, and their end", async () => {
    const group = await watches();
    await story.hosts.makesVolume(group, "pool-0", 8 * gib);
    await story.hosts.makesVolume(group, "snap1", 4 * gib);
    for (const volume of ["pool-0", "snap1"]) await story.hosts.activates(group, volume, HOST1);
    await story.hosts.fillsThinPool(group, "pool-0", 82);
    const pool = new RegExp(`inc-\\d+: Thin pool pool-0 of ps-1 is 82 % full on ${HOST1}`);
    await shows(pool, /Warning since/, /At risk: ps-1\./);
    await story.hosts.fillsThinPool(group, "pool-0", 100);
    await shows(/thin pool pool-0 of ps-1 has no data block left/i, /CRITICAL since/);
    await story.hosts.fillsThinPool(group, "pool-0", 40);
    await shows(/thin pool pool-0 of ps-1 has no data block left/i, /Resolved/);
    await story.hosts.fillsSnapshot(group, "snap1", 85);
    await shows(new RegExp(`inc-\\d+: Snapshot snap1 of ps-1 is 85 % full on ${HOST1}`), /Warning since/);
    await story.hosts.fillsSnapshot(group, "snap1", null);
    await shows(/snapshot snap1 of ps-1 is lost/i, /CRITICAL since/);
  });

  itSimulated("posts a sanlock that does not answer, and its end", async () => {
    await watches();
    await story.hosts.fault(HOST1, { kind: "hangs", program: "sanlock" });
    const hung = new RegExp(`inc-\\d+: sanlock does not answer on ${HOST1}: its leases are not known to be renewed`);
    const message = await shows(hung, /Warning since/, /At risk: ps-1\./);
    expect(message).not.toContain("No storage uses it");
    await story.hosts.heal(HOST1);
    await shows(hung, /Resolved/);
  });
});
