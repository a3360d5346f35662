import { afterEach, beforeEach, describe, it } from "vitest";
import type { WatchSettings } from "../../src/watch/watcher.ts";
import { usualSettings } from "../../src/watch/watcher.ts";
import { Story } from "./story.ts";
import { luns } from "./target.ts";

/** Everything is reported at once, and resolved after a second of quiet. */
const settings: WatchSettings = {
  ...usualSettings,
  everyMs: 2_000,
  failingEveryMs: 500,
  roundEveryMs: 200,
  damping: { ...usualSettings.damping, lastsMs: () => 0, quietMs: 1_000 },
};

describe("the watch", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
  });
  afterEach(() => story.ends());

  it("posts one message for a failed path, and resolves it when the path works again", async () => {
    await story.hosts.failsPath(luns.blank, "sharedblock-host1");
    await story.shows(/: Path sd\w+ of LUN …\w{6} on sharedblock-host1 through \w+: failed faulty/, "Warning since");
    await story.hosts.restoresPath(luns.blank, "sharedblock-host1");
    await story.shows("Resolved at");
  });
});
