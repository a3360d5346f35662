import { afterEach, beforeEach, describe, expect } from "vitest";
import { isKilledAfter } from "../crash/killed.ts";
import { buttonsIn, textIn } from "./message-text.ts";
import { bob, Story } from "./story.ts";
import { ending, itSimulated, luns } from "./target.ts";
import { HOST1 } from "./two-clusters.ts";

const AN_HOUR_MS = 3_600_000;
const BUTTON = "Stop After This Step";
const words = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;

/** A stop depends on no host, so the lab does not run these stories. Its crash tables end after each step. */
describe("operation stop", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  const begun = async () => (await story.audit()).filter(({ event }) => event.kind === "began").length;

  itSimulated(
    "by its button: what runs ends first, no further step begins, and the same command finishes the work",
    async () => {
      await story.says(`/zstack ${words}`);
      await story.shows("Confirm before");
      await story.confirms(ending(luns.orphan));
      await story.begins("");
      await story.hosts.fault(HOST1, { kind: "slow", ms: AN_HOUR_MS });
      await story.shows(
        ": running (op-1)",
        "A stop is safe after each step",
        "Not run then:",
        "Record the shared blocks",
      );
      await story.clicks(BUTTON, bob);
      const stopping = await story.shows(": stopping (op-1)", "asked to stop at", "No further step begins");
      expect(textIn(stopping)).toContain("@bob");
      expect(buttonsIn(stopping).map(({ label }) => label)).not.toContain(BUTTON);
      const before = await begun();
      await story.hosts.heal(HOST1);
      const end = await story.shows(": stopped (op-1)", "Stopped by @bob", "Not run:", "Send the same command again");
      expect(textIn(end)).toContain("8. Record the shared blocks");
      // A step that was being logged at the click may still have begun.
      expect((await begun()) - before).toBeLessThanOrEqual(story.hosts.names.length);
      const audit = await story.audit();
      expect(audit.find(({ event }) => event.kind === "stopping")).toMatchObject({ by: bob, operationId: "op-1" });
      expect(audit.find(({ event }) => event.kind === "ended")?.event).toMatchObject({ state: "stopped" });
      await story.clicks("Run Again");
      await story.shows("Add ps-1 to cluster-1", "Confirm before", "op-2");
      await story.confirms(ending(luns.orphan));
      await story.shows("Add ps-1 to cluster-1: done (op-2)");
    },
  );

  itSimulated("of what does not run is refused with the reason", async () => {
    await story.says("/zstack operation stop op-9");
    await story.shows("NOT_FOUND", "Operation op-9 does not exist");
    await story.says(`/zstack ${words}`);
    await story.shows("Confirm before");
    await story.says("/zstack operation stop op-1");
    await story.shows("op-1 can't be stopped", "waits for a click", "press Cancel");
    await story.clicks("Cancel");
    await story.shows(": cancelled (op-1)");
    await story.says("/zstack operation stop 1");
    await story.shows("op-1 can't be stopped", "op-1 is cancelled already");
  });

  itSimulated(
    "before a kill of the bot: after the next start no step continues, and the same command finishes",
    async () => {
      await isKilledAfter(story, async (hosts) => {
        await story.says(`/zstack ${words}`);
        await story.shows("Confirm before");
        await hosts.fault(HOST1, { kind: "hangs", program: "vgcreate" });
        await story.confirms(ending(luns.orphan));
        await story.begins("vgcreate");
        await story.says("/zstack operation stop op-1");
        await story.shows(": stopping (op-1)");
      });
      await story.shows(": unknown (op-1)", "Nothing continues by itself");
      const before = await begun();
      await story.says("/zstack operation show op-1");
      await story.shows("op-1", "unknown");
      expect(await begun()).toBe(before);
      await story.clicks("Run Again");
      await story.shows("Confirm before", "op-2");
      await story.confirms(ending(luns.orphan));
      await story.shows("Add ps-1 to cluster-1: done (op-2)");
    },
  );
});
