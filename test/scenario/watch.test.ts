import { afterEach, beforeEach, describe, it } from "vitest";
import { Story } from "./story.ts";
import { luns } from "./target.ts";
import { quickWatch as settings } from "./watch-words.ts";

describe("watch show", () => {
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
