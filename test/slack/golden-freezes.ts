import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "vitest";
import { alice, bob, type Story } from "../scenario/story.ts";
import { luns } from "../scenario/target.ts";
import { HOST1 } from "../scenario/two-clusters.ts";
import type { GoldenBook } from "./golden-book.ts";

const add = `sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;

/** What freezes changes, what is frozen, and what stops an operation. */
export function tellsOfFreezes(now: () => { story: Story; book: GoldenBook }): void {
  it("of an operation that a person stops", async () => {
    const { story, book } = now();
    await story.says(`/zstack ${add}`);
    await story.shows("Add ps-1 to cluster-1", "Confirm before");
    await book.asks("stop-planned", "operation stop op-1", "op-1 waits for a click");
    await story.hosts.fault(HOST1, { kind: "hangs", program: "vgcreate" });
    await story.confirms("");
    await story.begins("vgcreate");
    book.forgets();
    await story.clicks("Stop After This Step");
    await book.keepsSent("stop-end", "op-1 stops after this step");
    await book.keepsSent("stopping", ": stopping (op-1)", "asked to stop at", "Create the volume group");
  });

  it("of frozen clusters, and of plans that wait until the end of a freeze", async () => {
    const { story, book } = now();
    await book.asks("freeze-list-empty", "freeze list", "Nothing is frozen now");
    await story.says(`/zstack ${add}`);
    await story.shows("Add ps-1 to cluster-1", "Confirm before");
    book.forgets();
    await story.says('/zstack freeze cluster-1 reason="end of the year" until=2099-12-31');
    await story.shows("FROZEN", "This plan can't be confirmed now");
    await book.keepsSent("freeze-end", "No change begins there", "end of the year");
    await book.keepsSent("frozen-plan", "This plan can't be confirmed now", "Confirm before");
    await story.clicks("Confirm");
    await book.keepsSent("frozen-click", "op-1 can't run now", "No step was run");
    await book.asks("frozen-change", `host rescan ${HOST1}`, "FROZEN", "Nothing was changed");
    await book.asks("freeze-list", "freeze list", "Frozen now: cluster-1");
    await story.restartsBot();
    book.listens();
    await book.keepsSent("frozen-plan-on-record", "This plan can't be confirmed now", "Confirm before");
    book.forgets();
    await story.says("/zstack unfreeze cluster-1", bob);
    await book.keepsSent("unfreeze-of-another", "only the person who froze it, or an admin");
    book.forgets();
    await story.says("/zstack unfreeze cluster-1");
    await book.keepsSent("unfreeze-end", "cluster-1 is not frozen any more");
    await book.keepsSent("plan-not-frozen-on-record", "Add ps-1 to cluster-1", "Confirm before");
    await book.asks("unfreeze-none", "unfreeze cluster-1", "cluster-1 is not frozen");
    const schedule = 'freeze schedule all "Mon 00:01-Mon 00:00" tz=UTC';
    await book.asks("freeze-schedule-end", schedule, "All clusters are frozen each week");
    await book.asks("unfreeze-scheduled", "unfreeze all", "a freeze is left");
    await book.asks("freeze-unschedule-end", "freeze unschedule all", "The schedule of all clusters is removed");
    await story.restartsBot(() => writeFile(join(story.directory, "freezes.json"), "[]"));
    book.listens();
    await book.asks("freeze-damaged", "freeze list", "All clusters count as frozen");
    await book.asks("unfreeze-damaged", "unfreeze all", "It has no freeze and no schedule");
    const { freezes } = story.bot.world;
    const ofRemoved = { cluster: "cluster-3", by: alice, at: new Date().toISOString() };
    await freezes.change(() => ({
      freezes: [{ ...ofRemoved, reason: "end of the year", until: null }],
      schedules: [],
    }));
    await book.asks("freeze-list-of-removed", "freeze list", "cluster-3 (not in the inventory)");
    const weekly = { ...ofRemoved, window: "Fri 18:00-Mon 07:00", zone: "UTC" };
    await freezes.change((latest) => ({ ...latest, schedules: [weekly] }));
    const warning = "1 freeze and 1 freeze schedule name cluster-3 already";
    await book.asks("cluster-add-frozen", "cluster add cluster-3 zone=ZONE-1", warning);
  });
}
