import { expect, it } from "vitest";
import { FormOfStory } from "../scenario/form-of-story.ts";
import { textIn } from "../scenario/message-text.ts";
import { type Story, until } from "../scenario/story.ts";
import { luns } from "../scenario/target.ts";
import { addsStorage, HOST2, hasTwoClusters } from "../scenario/two-clusters.ts";
import type { GoldenBook } from "./golden-book.ts";

/** All states of the forms that build changes. */
export function tellsOfForms(now: () => { story: Story; book: GoldenBook }): void {
  it("of a form that adds a storage, from its opening to its plan", async () => {
    const { story, book } = now();
    const form = new FormOfStory(story);
    await story.hosts.fault(HOST2, { kind: "slow", ms: 600_000 });
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-observing", "Observing the hosts of cluster-1…");
    await book.keepsAnswer("form-too-early", { errors: await form.sends({}) });
    await story.hosts.heal(HOST2);
    await book.keepsView("form-add", "3 LUNs can be used");
    const { groups } = await form.luns();
    await book.keepsAnswer("form-luns", { options: groups.flatMap(({ options }) => options) });
    await book.keepsAnswer("form-holds-data", { errors: await form.sends({ luns: [luns.orphan], name: "ps-1" }) });
    const text = "rack 4\u0007";
    const wrong = await form.sends({ luns: [luns.blank], name: "ps-1", description: text });
    await book.keepsAnswer("form-bad-description", { errors: wrong });
    expect(await form.sends({ luns: [luns.failedPath], name: "ps-1" })).toEqual({});
    await story.shows("Add ps-1 to cluster-1");
  });

  it("of forms that have nothing to offer", async () => {
    const { story, book } = now();
    const form = new FormOfStory(story);
    await story.says("/zstack sharedblock extend");
    await book.keepsView("form-without-storage", "The inventory has no storage");
    await story.workspace.close({ person: "U0ALICE01", viewId: form.view?.id ?? "" });
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-host-down", "Every host must be read first");
    await story.workspace.close({ person: "U0ALICE01", viewId: form.view?.id ?? "" });
    await story.hosts.heal(HOST2);
    await addsStorage(story);
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-cluster-taken", "A cluster has one at most");
    await book.keepsAnswer("form-cluster-taken-sent", { errors: await form.sends({ name: "ps-2" }) });
    await story.says("/zstack sharedblock extend");
    await book.keepsView("form-extend", "Extend Storage", "can be used");
  });

  it("of forms with one LUN, with none, and for a person with too many open commands", async () => {
    const { story, book } = now();
    const form = new FormOfStory(story);
    for (const wwid of [luns.failedPath, luns.orphan]) await story.hosts.mounts(wwid, HOST2, "/mnt/used");
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-one-lun", "1 LUN can be used");
    await story.hosts.mounts(luns.blank, HOST2, "/mnt/last");
    // A new bot has observed nothing yet.
    await story.restartsBot();
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-no-lun", "No LUN can be used");
    await book.keepsAnswer("form-no-lun-sent", { errors: await form.sends({ name: "ps-1" }) });
    await story.restartsBot();
    await story.hosts.fault(HOST2, { kind: "slow", ms: 600_000 });
    for (const _ of [1, 2, 3, 4, 5]) await story.says("/zstack lun list cluster-1");
    const open = () => story.messages.filter((each) => textIn(each).includes("Observing the hosts")).length;
    await until(() => (open() === 5 ? true : undefined), 20_000);
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-too-many-open", "can't be observed");
    await story.hosts.heal(HOST2);
  });

  it("of a form for one of several clusters", async () => {
    const { story, book } = now();
    await hasTwoClusters(story);
    const form = new FormOfStory(story);
    await story.says("/zstack sharedblock add");
    await book.keepsView("form-clusters", "Add Storage");
    await form.chooses("cluster-2");
    await book.keepsView("form-cluster-chosen", "cluster-2", "can be used");
    await story.says("/zstack cluster add cluster-3 zone=ZONE-1");
    await story.shows("Add cluster cluster-3 to ZONE-1: done");
    await form.chooses("cluster-3");
    await book.keepsView("form-no-hosts", "cluster-3 has no hosts");
    await story.says("/zstack cluster remove cluster-3");
    await story.shows("Remove cluster cluster-3: done");
    await book.keepsAnswer("form-cluster-gone", { errors: await form.sends({ name: "ps-1" }) });
  });
}
