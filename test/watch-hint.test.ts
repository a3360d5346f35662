import { expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { watchHint } from "../src/watch-hint.ts";

it("the panel says when an incident is posted and resolved on simulated hosts, and when on real ones", () => {
  expect(watchHint(readConfig({}))).toBe(
    "A failed path is posted after 5 s, a silent host after 15 s. One that begins within 20 s of another may wait 20 s: both may have one cause. An incident is resolved 10 s after its end. With real hosts that is 60 s.",
  );
  expect(watchHint(readConfig({ WATCH_LASTS: "path-failed=8" }))).toContain("A failed path is posted after 8 s");
  expect(watchHint(readConfig({ WATCH: "off" }))).toBe("The bot posts no incidents: WATCH=off.");
});
