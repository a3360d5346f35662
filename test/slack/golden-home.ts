import { it } from "vitest";
import { FormOfStory } from "../scenario/form-of-story.ts";
import { HomeOfStory } from "../scenario/home-of-story.ts";
import { alice, bob, type Story } from "../scenario/story.ts";
import { luns } from "../scenario/target.ts";
import { addsStorage, HOST1, HOST2, HOST3 } from "../scenario/two-clusters.ts";
import { quickWatch } from "../scenario/watch-words.ts";
import type { GoldenBook } from "./golden-book.ts";

const CHANNEL = "C0STORAGE";
/** The incident of the tutorial's SAN, once every host was observed. */
const ALL_PATHS = "3 paths of 1 LUN on 3 hosts";

/** All states of the Home tab, and what its buttons answer. */
export function tellsOfHome(now: () => { story: Story; book: GoldenBook }): void {
  it("of a Home without the watch, with a plan that waits and an operation that runs", async () => {
    const { story, book } = now();
    const home = new HomeOfStory(story);
    await addsStorage(story);
    // A new bot has observed nothing yet.
    await story.restartsBot();
    book.forgets();
    await home.opens();
    await book.keepsView(
      "home-unwatched",
      "Hosts are not watched",
      "capacity not observed yet",
      "No plan waits for you",
    );
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.failedPath}`);
    await story.shows("Extend ps-1");
    await book.keepsView("home-plan", "1 plan waits for you", "Open Plan");
    await story.hosts.fault(HOST1, { kind: "hangs", program: "vgextend" });
    await story.confirms("");
    await story.begins("vgextend");
    await book.keepsView("home-running", "1 operation runs", "Open Progress");
    await home.clicks("Stop After This Step");
    await book.keepsView("home-stopping", "Stops after this step, as");
    story.san.disconnect(HOST1);
    await story.shows(": unknown (op-2)");
  });

  it("of a Home with the queue of operations, and with a frozen cluster", async () => {
    const { story, book } = now();
    const home = new HomeOfStory(story);
    const rescan = `/zstack host rescan ${HOST1}`;
    await story.hosts.fault(HOST1, { kind: "hangs", program: "tee", after: "effect" });
    await story.says(rescan);
    await story.begins("tee");
    await story.says(rescan);
    await story.shows(": waiting for op-1 (op-2)");
    await story.says(rescan, bob);
    await story.shows(": waiting for op-1 (op-3)", "Place 2 in the queue");
    await home.opens();
    await book.keepsView("home-queue", "2 operations wait in the queue", "Place 2 in the queue", "Leave the Queue");
    await home.clicks("Leave the Queue");
    await story.shows("op-2 leaves the queue");
    await story.says('/zstack freeze cluster-1 reason="end of the year" until=2099-12-31');
    await story.shows("No change begins there", "end of the year");
    await book.keepsView("home-frozen", "Frozen", "end of the year", "1 operation waits in the queue");
    await story.hosts.heal(HOST1);
    story.san.disconnect(HOST1);
    await story.shows(": unknown (op-1)");
  });

  it("of a Home before the first observation, and of its short form if Slack refuses it", async () => {
    const { story, book } = now();
    const home = new HomeOfStory(story);
    for (const host of [HOST1, HOST2, HOST3]) await story.hosts.fault(host, { kind: "hangs", program: "multipathd" });
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await home.opens();
    await book.keepsView("home-unobserved", "No host is observed yet", "none observed yet");
    for (const host of [HOST1, HOST2, HOST3]) await story.hosts.heal(host);
    const { slackFaults } = story.workspace;
    const isComplete = (args: object) => JSON.stringify(args).includes("Clusters");
    slackFaults.calls("views.publish", { answer: { kind: "error", code: "invalid_blocks" }, when: isComplete });
    await story.restartsBot();
    await book.keepsView("home-short", "Slack refused the rest of this page");
    slackFaults.well();
    book.listens();
  });

  it("of a Home with an incident, and of one for a person who may not read the channels", async () => {
    const { story, book } = now();
    const home = new HomeOfStory(story);
    await addsStorage(story);
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await home.opens();
    await home.shows([/\d warning, 3 hosts(?!, \d)/, /\d+ % used/]);
    await story.hosts.failsPath(luns.blank, HOST1);
    await book.keepsView("home", "At risk: ps-1", ALL_PATHS, "Open Incident", /\d+ % used/);
    await home.clicks("Help");
    await book.keepsSent("home-help", "What you can type");
    story.workspace.changeChannel(CHANNEL, { without: [bob] });
    const inSlack = { slack: story.workspace, operators: [alice], channels: [CHANNEL] };
    await story.restartsBot(undefined, inSlack);
    await home.opens(bob);
    await book.keepsView("home-refused", "NOT_IN_CHANNEL", "join one of these channels");
    story.workspace.slackFaults.calls("conversations.members", { answer: { kind: "error", code: "missing_scope" } });
    await story.restartsBot(undefined, inSlack);
    await home.opens(bob);
    await book.keepsView("home-not-known", "MEMBERSHIP_UNKNOWN", "who is in them");
  });

  it("of changes from a Home: announced to their person, and refused without a channel", async () => {
    const { story, book } = now();
    const home = new HomeOfStory(story);
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await home.opens();
    await home.shows([ALL_PATHS]);
    await home.clicks("Acknowledge");
    await book.keepsSent("home-acknowledged", /inc-\d+: acknowledged/);
    await home.clicks("Add Storage…");
    const form = new FormOfStory(story);
    await form.shows("can be used");
    await form.luns();
    await form.sends({ luns: [luns.failedPath], name: "ps-1" });
    await book.keepsSent("home-announced", "is answered in the channel");
    await story.restartsBot(undefined, { slack: story.workspace, operators: [alice], channels: [] });
    await home.clicks("Add Storage…");
    await book.keepsSent("home-no-channel", "Nothing can be changed from the Home", "CHANNELS is empty");
  });
}
