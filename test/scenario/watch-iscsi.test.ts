import { afterAll, beforeAll, describe, expect } from "vitest";
import { first, loggedIn, luns, second, shared } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, itSimulated, patient } from "./target.ts";
import { HOST3 } from "./two-clusters.ts";
import { observesEachHost, quickWatch } from "./watch-words.ts";

const LIMIT_MS = patient(120_000);
const LUN = `LUN …${ending(luns.shared)}`;
const address = (portal: string): string => portal.split(":")[0] ?? "";

describe("watch show: paths over iSCSI sessions", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeAll(async () => {
    story = await Story.begin();
    await loggedIn(story);
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await observesEachHost(story);
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  itSimulated("a portal that fails is named by its address, which the kernel reports", async () => {
    story.san.array.portalAnswers(address(first), false);
    const title = new RegExp(`^inc-\\d+: .*${address(first)}:3260.*: 3 paths of 1 LUN on 3 hosts`);
    await story.shows(title, "still has 1 path", "Warning since");
    story.san.array.portalAnswers(address(first), true);
    await story.shows(title, "Resolved");
    const asked = story.san.hosts.flatMap(({ name }) => story.san.ran(name)).map(({ argv }) => argv.join(" "));
    expect(asked.some((argv) => argv.startsWith("find /sys/class/iscsi_session"))).toBe(true);
  });

  itSimulated("a logout's own path is in its thread, and another path that fails is an incident", async () => {
    await story.says(`/zstack iscsi logout ${HOST3} target=${shared} portal=${second}`);
    await story.shows(`Log ${HOST3} out of ${shared}`);
    await story.clicks("Confirm");
    const end = await story.shows(`Log ${HOST3} out of ${shared}: done`);
    const own = await story.shows("causes this, so it is no incident", LUN, address(second));
    expect(own.threadTs).toBe(end.ts);
    const [device = ""] = story.san.array.devices(luns.shared, HOST3);
    story.san.array.pathState(HOST3, device, "failed");
    const other = await story.shows(new RegExp(`^inc-\\d+: .*${LUN}.* on ${HOST3}`), "since");
    expect(textIn(other)).toContain("no path left");
  });
});
