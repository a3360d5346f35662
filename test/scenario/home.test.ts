import { afterEach, beforeEach, describe, expect } from "vitest";
import { FormOfStory } from "./form-of-story.ts";
import { buttonsOf, HomeOfStory, textOf } from "./home-of-story.ts";
import { textIn } from "./message-text.ts";
import { lastSent } from "./sent.ts";
import { alice, bob, Story } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";
import { quickWatch } from "./watch-words.ts";

const LIMIT_MS = patient(120_000);
const CHANNEL = "C0STORAGE";

describe("Home tab", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let home: HomeOfStory;
  beforeEach(async () => {
    story = await Story.begin();
    home = new HomeOfStory(story);
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  it("shows an incident by itself when it begins, with a link to its thread, and that it ended", async () => {
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await home.opens();
    // The tutorial's SAN has a failed path from its start.
    await home.shows(["cluster-1", /\d warnings?, 3 hosts/]);
    await story.hosts.failsPath(luns.blank, "sharedblock-host1");
    const failed = new RegExp(`inc-\\d+: Path sd\\w+ of LUN …${ending(luns.blank)} on sharedblock-host1`);
    const shown = await home.shows([/\d open incidents/, failed, "Warning since", "Open Incident"]);
    expect(buttonsOf(shown).map(({ label }) => label)).toContain("Check cluster-1");
    await home.clicks("Open Incident");
    await story.hosts.restoresPath(luns.blank, "sharedblock-host1");
    await home.lacks(failed);
  });

  it("answers a query in direct messages, as the person who clicks", async () => {
    await home.opens(bob);
    await home.shows(["Hosts are not watched", "cluster-1"], bob);
    await home.clicks("LUNs", bob);
    const answer = await story.shows("LUNs on 3 hosts");
    expect(answer.onlyFor).toBe(bob);
    const asked = (await story.audit()).find(({ event }) => event.kind === "asked");
    expect(asked).toMatchObject({ by: bob, event: { words: "lun list cluster-1", by: "button" } });
  });

  it("shows a form's plan in the channel, links it to its person, and lists it as waiting", async () => {
    await home.opens();
    await home.shows(["No plan waits for you"]);
    await home.clicks("Add Storage…");
    const form = new FormOfStory(story);
    await form.shows("can be used");
    await form.luns();
    expect(await form.sends({ luns: [luns.blank], name: "ps-1" })).toEqual({});
    const plan = await story.shows("Add ps-1 to cluster-1", "op-1");
    expect(plan.onlyFor).toBeNull();
    const note = await story.shows("is answered in the channel");
    expect(note.onlyFor).toBe(alice);
    expect(textIn(note)).toContain(`archives/${CHANNEL}/p${plan.ts.replace(".", "")}`);
    const shown = await home.shows(["1 plan waits for you", "Add ps-1 to cluster-1", "Open Plan"]);
    expect(textOf(shown)).toContain(`<@${alice}>`);
    await home.clicks("Open Plan");
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
    await home.shows(["No plan waits for you", "ps-1", /\[[#.]{10}\] {1,2}\d+ % used/]);
    expect(lastSent(story.workspace, /app_home_opened/).payload).toMatchObject({ event: { tab: "home", user: alice } });
  });

  it("is refused to who is in none of the bot's channels, and so are its buttons", async () => {
    await home.opens(bob);
    await home.shows(["cluster-1"], bob);
    // Before the bot starts: it asks Slack at once who is in the channel, and keeps the answer for a minute.
    story.workspace.changeChannel(CHANNEL, { without: [alice, bob] });
    // Nor does it replace the Home that bob still sees with its buttons.
    story.workspace.slackFaults.calls("views.publish", { answer: { kind: "error", code: "restricted_action" } });
    await story.restartsBot(undefined, { slack: story.workspace, operators: [alice], channels: [CHANNEL] });
    await home.clicks("LUNs", bob);
    expect((await story.shows("NOT_IN_CHANNEL")).onlyFor).toBe(bob);
    story.workspace.slackFaults.well("views.publish");
    await home.opens(bob);
    const shown = await home.shows(["NOT_IN_CHANNEL", "join one of these channels"], bob);
    expect(textOf(shown)).not.toContain("cluster-1");
    expect(buttonsOf(shown)).toEqual([]);
    await home.opens(alice);
    await home.shows(["cluster-1"], alice);
  });

  it("is brought up to date after Slack's 429, after refused blocks and after a restart", async () => {
    const { slackFaults } = story.workspace;
    await home.opens();
    await home.shows(["cluster-1"]);
    slackFaults.calls("views.publish", { answer: { kind: "ratelimited", retryAfterS: 2 }, times: 1 });
    await story.says("/zstack cluster add cluster-2 zone=ZONE-1");
    await home.shows(["cluster-2"]);
    const isComplete = (args: object) => JSON.stringify(args).includes("Clusters");
    slackFaults.calls("views.publish", { answer: { kind: "error", code: "invalid_blocks" }, when: isComplete });
    await story.says("/zstack cluster add cluster-3 zone=ZONE-1");
    const short = await home.shows(["Slack refused the rest of this page", "incident list"]);
    expect(buttonsOf(short).map(({ label }) => label)).toContain("What's Wrong?");
    slackFaults.well();
    await story.restartsBot();
    await home.shows(["cluster-3"]);
  });
});
