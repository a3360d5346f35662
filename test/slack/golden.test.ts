import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { becomesFresh, byHand } from "../scenario/by-hand.ts";
import { unmap } from "../scenario/forget-words.ts";
import { forgets } from "../scenario/forgotten-storage.ts";
import { guardedTarget } from "../scenario/guarded-target.ts";
import { secret } from "../scenario/iscsi-words.ts";
import { buttonsIn } from "../scenario/message-text.ts";
import { alice, Story } from "../scenario/story.ts";
import { ending, luns } from "../scenario/target.ts";
import { addsStorage, addsStorageBesideCluster2, hasTwoClusters, storageIn } from "../scenario/two-clusters.ts";
import { diskOf } from "../store/full-disk.ts";
import { GoldenBook, kept } from "./golden-book.ts";
import { eventAnswers, expires } from "./golden-events.ts";
import { tellsOfForms } from "./golden-forms.ts";
import { tellsOfFreezes } from "./golden-freezes.ts";
import { tellsOfHome } from "./golden-home.ts";
import { tellsOfIncidents } from "./golden-incidents.ts";
import { tellsOfRoles } from "./golden-roles.ts";
import { tellsOfTroubles } from "./golden-troubles.ts";
import { tellsOfTwoPeople } from "./golden-two-people.ts";

/**
 * Every kind of message and form that the bot sends, made by real stories. `npm run golden` writes the files again.
 * `npm run slack:validate` sends them to Slack.
 */
const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const LIMIT_MS = 600_000;

let story: Story;
let book: GoldenBook;
beforeEach(async () => {
  story = await Story.begin();
  book = new GoldenBook(story);
}, LIMIT_MS);
afterEach(() => story.ends(), LIMIT_MS);

describe("golden files", { timeout: LIMIT_MS }, () => {
  it("of answers to commands, and to words that are not understood", async () => {
    await book.asks("help", "help", "What you can type");
    await book.asks("help-of-command", "help sharedblock add", "Help: sharedblock add");
    await book.asks("help-of-group", "help lun", "Commands of lun");
    await book.asks("help-all", "help all", "All commands");
    await book.asks("help-of-word", "help wwid", 'commands have "wwid"');
    await book.asks("help-of-nothing", "help sharedblok ad", "Did you mean");
    await book.asks("help-of-no-word", "help xyzzy", "Try another word");
    await book.asks("menu", "", "What do you want to do?");
    await book.asks("which-cluster", "lun list", "lun list: which cluster?");
    await book.asks("misunderstood", "lun lst cluster-1", "lun list");
    await book.asks("nearest", "lun shw cluster-9", "the nearest command is");
    await book.asks("none-of-group", "lun zzzzzzzz", "commands of this group");
    await book.asks("none-nearest", "xyzzyxyzzy", "no command has a similar name");
    await book.asks("misbound", "lun show cluster-1 wwid=x last=y", "was not understood");
    await book.asks("unreadable", 'zone add "ZONE-2', "This line can't be read");
    await book.asks("refused", "lun list cluster-9", "NOT_FOUND");
    await book.asks("refused-change", "sharedblock delete ps-9", "Nothing was changed");
    await book.asks("zone-list", "zone list", "ZONE-1");
    await book.asks("cluster-list", "cluster list", "cluster-1");
    await book.asks("cluster-show", "cluster show cluster-1", "cluster-1", HOST3);
    await book.asks("host-list", "host list", HOST3);
    await book.asks("host-show", `host show ${HOST1}`, `Host ${HOST1}`, "maps:");
    await book.asks("lun-list", "lun list cluster-1", "LUNs on 3 hosts");
    await book.asks("lun-show", `lun show cluster-1 ${luns.blank}`, `LUN ${luns.blank}`);
    await book.asks("lun-show-reasons", `lun show cluster-1 ${luns.mounted}`, `LUN ${luns.mounted}`);
    await book.asks("multipath-status", "multipath status cluster-1", "Multipath of cluster-1");
    await book.asks("fc-list", "fc list cluster-1", HOST1);
    await book.asks("iscsi-list", "iscsi list cluster-1", "iSCSI sessions");
    await book.asks("inventory", "inventory", "Inventory", "ZONE-1");
    await book.asks("inventory-of-cluster", "inventory cluster-1", "Inventory of cluster-1");
    await book.asks("sharedblock-list-empty", "sharedblock list", "Shared Block");
    await book.asks("operation-list-empty", "operation list", "peration");
    await book.asks("audit-list-empty", "audit list", "udit");
    await book.asks("audit-show-unknown", "audit show op-99", "op-99 does not exist");
    await book.asks("audit-export-empty", "audit export who=nobody", "Nothing found");
    await book.asks("audit-verify-wrong-anchor", "audit verify anchor=1:000000000000", "does not fit");
    await book.asks("cluster-check-without-storage", "cluster check cluster-1", /cluster-1: \d at risk/);
    await story.hosts.fault(HOST2, { kind: "down" });
    await book.asks("lun-list-partial", "lun list cluster-1", "Not known", HOST2);
  });

  it("of a storage's life", async () => {
    const add = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
    await book.plans("add-plan", add, "Add ps-1 to cluster-1");
    await story.clicks("Cancel");
    await book.keeps("cancelled", ": cancelled");
    await book.asks("audit-list", "audit list", "op-1");
    await book.plans("add-plan-again", add, "Add ps-1 to cluster-1");
    await book.confirms("add", ending(luns.orphan), "Add ps-1 to cluster-1: done");
    await book.asks("sharedblock-show", "sharedblock show ps-1", "Primary storage ps-1", "observed now");
    await book.asks("sharedblock-show-past", "sharedblock show ps-1 refresh=false", "as last seen");
    await book.asks("sharedblock-list", "sharedblock list", "ps-1");
    await book.asks("sharedblock-volumes-empty", "sharedblock volumes ps-1", "ps-1");
    await book.asks("cluster-check", "cluster check cluster-1", /cluster-1: \d at risk/);
    await book.asks("inventory-with-storage", "inventory", "Shared blocks");
    await book.plans("extend-plan", `sharedblock extend ps-1 wwid=${luns.blank},${luns.failedPath}`, "Extend ps-1");
    await book.confirms("extend", "", "Extend ps-1: done");
    await book.asks("sharedblock-show-luns", "sharedblock show ps-1", "Primary storage ps-1", luns.failedPath);
    const group = storageIn(story).uuid;
    for (const volume of ["vol-1", "vol-2"]) await story.hosts.makesVolume(group, volume, 256 * 1024 ** 2);
    await story.hosts.activates(group, "vol-1", HOST2);
    await story.hosts.opens(group, "vol-1", HOST2);
    await book.asks("sharedblock-volumes", "sharedblock volumes ps-1", "vol-2");
    await book.plans("disable-plan", "sharedblock disable ps-1", "Disable ps-1", "vol-1");
    await book.confirms("disable", null, "Disable ps-1: done");
    await book.asks("enable-end", "sharedblock enable ps-1", "Enable ps-1: done");
    await story.hosts.closes(group, "vol-1", HOST2);
    await book.plans("maintain-plan", "sharedblock maintain ps-1", "Take ps-1 into maintenance");
    await book.confirms("maintain", "", "Take ps-1 into maintenance: done");
    await book.asks("enable-after-maintenance", "sharedblock enable ps-1", "Enable ps-1: done");
    await book.asks("rename-end", "sharedblock rename ps-1 new=ps-2", ": done");
    await book.asks("describe-end", 'sharedblock describe ps-2 description="rack 4"', ": done");
    await book.asks("operation-list", "operation list", "op-2");
    await book.asks("audit-list-of-storage", "audit list storage=ps-2 last=3", "op-");
    await book.asks("audit-list-steps", "audit list steps=true last=10", "entries in the audit log");
    await book.asks("operation-show", "operation show op-4", "op-4", "Host commands");
    await book.asks("audit-list-conditions", "audit list risk=destructive outcome=done cluster=cluster-1", "op-");
    // Long outputs have values of this run, and a message cuts them anywhere.
    await book.asks("audit-show", "audit show op-8", "op-8", "The plan");
    await book.asks("audit-show-of-inventory", "audit show op-6", "Changes of the inventory");
    await book.asks("audit-export", "audit export risk=destructive", "operations of the audit log");
    await book.asks("audit-verify", "audit verify", "The audit log is complete");
    await book.plans("detach-plan", "sharedblock detach ps-2 cluster-1", "Detach ps-2 from cluster-1");
    await book.confirms("detach", null, "Detach ps-2 from cluster-1: done");
    await book.plans("delete-plan", "sharedblock delete ps-2 volumes=destroy", "Delete ps-2");
    await book.confirms("delete", "ps-2", "Delete ps-2: done");
  });

  it("of a LUN that grew, and of a host that lost its locks", async () => {
    await addsStorage(story);
    await story.hosts.grows(luns.blank, 3 * 1024 ** 4);
    await book.plans("resize-plan", "sharedblock resize ps-1", "Resize ps-1", "array offers");
    await book.confirms("resize", null, "Resize ps-1: done");
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    await book.asks("cluster-check-broken", "cluster check cluster-1", "1 broken");
    await book.asks("reconnect-end", "sharedblock reconnect ps-1", "Reconnect ps-1: done");
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.clicks("Confirm");
    await story.shows("Detach ps-1 from cluster-1: done");
    await book.plans("delete-plan-omission", "sharedblock delete ps-1", "Delete ps-1");
    await story.hosts.fault(HOST2, { kind: "fails", program: "udevadm", argument: "trigger", exitCode: 1, stderr: "" });
    await book.confirms("delete-omission", "ps-1", "Delete ps-1: done", "Not done, and optional");
    await book.asks("operation-list-omission", "operation list", "1 optional step");
  });

  it("of failures", async () => {
    const add = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
    await book.plans("add-plan-failing", add, "Add ps-1 to cluster-1");
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgcreate", exitCode: 5, stderr: "I/O error" });
    await book.confirms("failed", ending(luns.orphan), "Add ps-1 to cluster-1: failed");
    await story.hosts.heal(HOST1);
    await story.hosts.fault(HOST1, { kind: "fails", program: "tee", exitCode: 1, stderr: "I/O error" });
    await book.asks("failed-first-end", `host rescan ${HOST1}`, ": failed", "No step is done.");
    await story.hosts.heal(HOST1);
    await book.plans("rescue-plan", `lun rescue ${luns.orphan}`, `Rescue ${luns.orphan}`);
    await book.confirms("rescue", ending(luns.orphan), `Rescue ${luns.orphan}: done`);
    await book.plans("add-plan-changed", `sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`, "Add ps-1");
    await story.hosts.formats(luns.blank, "mine");
    await story.confirms("");
    await book.keeps("refused-at-confirm", /Add ps-1 to cluster-1: refused/);
  });

  it("of hosts, clusters and zones", async () => {
    await hasTwoClusters(story);
    await book.asks("zone-add-end", "zone add ZONE-2", "Add zone ZONE-2: done");
    await book.asks("cluster-add-end", "cluster add cluster-3 zone=ZONE-2", "Add cluster cluster-3 to ZONE-2: done");
    await book.asks("cluster-remove-end", "cluster remove cluster-3", "Remove cluster cluster-3: done");
    await book.asks("zone-remove-end", "zone remove ZONE-2", "Remove zone ZONE-2: done");
    const third = story.bot.world.inventory.current().hosts.find(({ name }) => name === HOST3);
    await book.plans("host-remove-plan", `host remove ${HOST3}`, `Remove host ${HOST3}`);
    await book.confirms("host-remove", null, `Remove host ${HOST3}: done`);
    const words = `host add ${HOST3} address=${third?.address} port=${third?.port} user=${third?.user} cluster=cluster-2`;
    await book.plans("host-add-plan", words, `Trust ${HOST3}`);
    await book.confirms("host-add", null, `Trust ${HOST3} and add it to cluster-2: done`);
    await book.asks("host-rescan-end", "host rescan cluster-2", ": done");
    await becomesFresh(story, HOST2);
    await book.plans("prepare-plan", "host prepare cluster-1 install=true", "Prepare cluster-1");
    await book.confirms("prepare", null, "Prepare cluster-1: done");
    await byHand(story, HOST1, ["systemctl", "disable", "--now", "multipathd.service"]);
    await book.plans("multipath-enable-plan", `multipath enable ${HOST1}`, `Enable multipath on ${HOST1}`);
    await book.confirms("multipath-enable", null, `Enable multipath on ${HOST1}: done`);
    await unmap(story);
    await book.plans("forget-plan", `lun forget cluster-1 ${luns.blank}`, `Forget ${luns.blank}`);
    await book.confirms("forget", null, `Forget ${luns.blank} on the hosts of cluster-1: done`);
    await story.hosts.fault(HOST3, { kind: "other host key" });
    await book.asks("host-key-changed", `host rescan ${HOST3}`, "HOST_KEY_CHANGED");
    await book.plans("host-trust-plan", `host trust ${HOST3}`, `Trust the new key of ${HOST3}`);
    await book.confirms("host-trust", null, `Trust the new key of ${HOST3}: done`);
  });

  it("of iSCSI, with a secret", async () => {
    const { login, iqn } = await guardedTarget(story, HOST3);
    await book.plans("iscsi-login-plan", login.replace("/zstack ", ""), "The form asks for");
    await story.clicks("Confirm");
    await book.keepsForm("iscsi-login-form");
    await book.keepsAnswer("wrong-secret", { errors: await story.sendsSecret("chap", ` ${secret}`) });
    expect(await story.sendsSecret("chap", secret)).toEqual({});
    await book.keeps("iscsi-login-end", `Log ${HOST3} in to ${iqn}: done`);
    await book.plans("iscsi-logout-plan", `iscsi logout ${HOST3} target=${iqn}`, `Log ${HOST3} out of ${iqn}`);
    await book.confirms("iscsi-logout", null, `Log ${HOST3} out of ${iqn}: done`);
  });

  it("of a storage that another program made, and of a second cluster that uses it", async () => {
    await addsStorageBesideCluster2(story);
    const uuid = await forgets(story);
    await book.plans("import-plan", `sharedblock import cluster-1 ${uuid} name=ps-1`, `Import ${uuid}`);
    await book.confirms("import", null, `Import ${uuid} into cluster-1 as ps-1: done`);
    await book.plans("attach-plan", "sharedblock attach ps-1 cluster-2", "Attach ps-1 to cluster-2");
    await book.confirms("attach", null, "Attach ps-1 to cluster-2: done");
  });

  it("of an operation that runs, and that a lost connection interrupts", async () => {
    const add = `sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;
    await story.says(`/zstack ${add}`);
    await story.shows("Add ps-1 to cluster-1");
    await story.hosts.fault(HOST1, { kind: "hangs", program: "vgcreate", after: "effect" });
    await story.confirms("");
    // An entry in the audit log comes before the program.
    await expect
      .poll(() => story.san.ran(HOST1).some(({ argv }) => argv[0] === "vgcreate"), { timeout: 60_000 })
      .toBe(true);
    await book.keepsSent("running", ": running (op-1)", "3. Create the volume group — 0 of 1 step, running on");
    story.san.disconnect(HOST1);
    await book.keeps("unknown-end", ": unknown (op-1)", "Not done");
  });

  it("of queries that take long", async () => {
    await story.hosts.fault(HOST2, { kind: "slow", ms: 60_000 });
    for (const _ of [1, 2, 3, 4, 5]) await story.says("/zstack lun list cluster-1");
    await book.keepsSent("observing", /^(?!.*Answered at).*Observing the hosts/);
    await story.says("/zstack lun list cluster-1");
    await book.keeps("too-many-open", "5 of your commands are open");
    await book.keepsSent(
      "observing-answered",
      /Answered at .*sharedblock-host1, sharedblock-host3.*Not yet: sharedblock-host2/,
    );
  });

  it("of clicks that run nothing", async () => {
    const add = `/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`;
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1");
    await story.restartsBot(() => expires(story));
    await book.keeps("expired", ": expired", "nobody confirmed it in time");
    await story.says(add);
    const first = await story.shows("Add ps-1 to cluster-1", "op-2");
    await story.restartsBot(() => rm(join(story.directory, "operations.json")));
    const cancel = buttonsIn(first).find(({ actionId }) => actionId === "cancel");
    if (cancel === undefined) return expect.fail("the plan has no Cancel");
    await story.workspace.click({ person: alice, messageTs: first.ts, blockId: cancel.blockId, actionId: "cancel" });
    await book.keeps("click-not-known", "is not known here");
  });

  it("of a full disk", async () => {
    const disk = await diskOf(story.directory);
    try {
      await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
      disk.fillsAfter(/"kind":"began".*"argv":\["vgcreate"/);
      await story.confirms("");
      await book.keeps("full-disk-end", ": failed (op-1)", "make room");
      await book.asks("not-logged", "zone list", "1 zone", "This query is not logged");
      await book.asks("full-disk-change", "zone add ZONE-2", "can't be written");
      disk.hasRoom();
    } finally {
      disk.restore();
    }
  });

  tellsOfFreezes(() => ({ story, book }));
  tellsOfForms(() => ({ story, book }));
  tellsOfHome(() => ({ story, book }));
  tellsOfRoles(() => ({ story, book }));
  eventAnswers(() => ({ story, book }));
  tellsOfTroubles(() => ({ story, book }));
  tellsOfTwoPeople(() => ({ story, book }));

  tellsOfIncidents(() => ({ story, book }));

  it("are all of these stories: delete a file that no story makes", async () => {
    const files = await readdir(join(import.meta.dirname, "golden")).catch(() => []);
    expect(files.filter((name) => !kept.has(name))).toEqual([]);
  });
});
