import { afterEach, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itEverywhere as it, itAtLength, itInFull, patient, target } from "./target.ts";
import { withStorage } from "./with-storage.ts";

const HOST3 = "sharedblock-host3";
const LIMIT_MS = patient(60_000);
/** Eight of sanlock's I/O time-outs and a minute for the watchdog; the lab's time-out is 2 s where Debian's is 10 s. */
const untilDead = target === "lab" ? "76 s" : "140 s";
const named = (story: Story) =>
  story.bot.world.inventory
    .current()
    .hosts.map((host) => host.name)
    .sort();
const remove = `/zstack host remove ${HOST3}`;
const force = `${remove} force=true reason="mainboard burnt out"`;

describe("host remove: a host leaves the cluster", () => {
  let story: Story;
  beforeEach(async () => {
    story = await withStorage();
  }, LIMIT_MS);
  afterEach(() => story.ends());

  itInFull("not while it has locks in a storage, also with force", { timeout: LIMIT_MS }, async () => {
    await story.says(remove);
    await story.shows("Nothing was changed", `${HOST3} holds the lease of ps-1 as host id 3`);
    await story.says(force);
    await story.shows("Nothing was changed", `${HOST3} holds the lease of ps-1 as host id 3`);
    expect(named(story)).toContain(HOST3);
  });

  itInFull("not while it may be alive", { timeout: LIMIT_MS }, async () => {
    await story.hosts.fault(HOST3, { kind: "down" });
    await story.says(remove);
    const refused = await story.shows(
      "Nothing was changed",
      `${HOST3} may hold leases of ps-1 and can't be asked`,
      "may be alive",
    );
    // What the others see renewed is not offered for removal as dead.
    expect(textIn(refused)).not.toContain("force=true reason=");
    await story.says(`${remove} force=true`);
    await story.shows("Nothing was changed", "force=true needs reason=");
    // Only its ssh is gone: the others see its lease renewed.
    await story.says(force);
    await story.shows(
      "Nothing was changed",
      /may be alive: sharedblock-host1 saw it renew its lease of ps-1 \d+ s ago/,
      untilDead,
    );
    expect(named(story)).toContain(HOST3);
  });

  itAtLength("with force if it is dead, with the meaning of its lease", { timeout: LIMIT_MS }, async () => {
    await story.hosts.powerOff(HOST3);
    await story.says(force);
    await story.shows("Nothing was changed", `wait until ${untilDead} have passed since its last renewal`);

    await story.hosts.powerOn(HOST3);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done");
    await story.hosts.powerOff(HOST3);
    await story.hosts.isGivenUp(HOST3);
    await story.says(force);
    const plan = await story.shows(
      `Remove host ${HOST3}, which is dead`,
      "Reason given: mainboard burnt out",
      `sanlock considers a host dead ${untilDead} after its last lease renewal`,
      "as sharedblock-host1, sharedblock-host2 see it",
      "host id 3 is never given to another host",
      `${HOST3} must be powered off. Without a watchdog (use_watchdog = 0`,
    );
    const before = await story.hosts.changes();
    await story.clicks("Confirm");
    const end = await story.shows(`Remove host ${HOST3}, which is dead: done`);
    expect(end.ts).toBe(plan.ts);
    expect(named(story)).toEqual(["sharedblock-host1", "sharedblock-host2"]);
    expect(story.bot.world.inventory.current().lastSanlockHostId).toBe(3);
    expect(await story.hosts.changes()).toEqual(before);
    const asked = (await story.audit()).flatMap(({ event }) => (event.kind === "asked" ? event.words : []));
    expect(asked).toContainEqual(expect.stringContaining("mainboard burnt out"));
  });

  itAtLength("not with force if it comes back between the plan and the click", { timeout: LIMIT_MS }, async () => {
    await story.hosts.powerOff(HOST3);
    await story.hosts.isGivenUp(HOST3);
    await story.says(force);
    await story.shows("which is dead");
    await story.hosts.powerOn(HOST3);
    await story.clicks("Confirm");
    await story.shows(/: refused/, `${HOST3} answers, and force=true is for a dead host`);
    expect(named(story)).toContain(HOST3);
  });

  itAtLength("without force after it has no lease", { timeout: LIMIT_MS }, async () => {
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    await story.says(remove);
    const plan = await story.shows(`Remove host ${HOST3}`, "proves that it holds no lease");
    expect(textIn(plan)).not.toContain("dead");
    await story.clicks("Confirm");
    await story.shows(`Remove host ${HOST3}: done`);
    expect(named(story)).not.toContain(HOST3);
  });
});

describe("host remove: its cluster has no storage", () => {
  it("is removed although it does not answer", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.hosts.fault(HOST3, { kind: "down" });
    await story.says(remove);
    await story.shows(`Remove host ${HOST3}`, "It does not answer");
    await story.clicks("Confirm");
    await story.shows(`Remove host ${HOST3}: done`);
  });
});
