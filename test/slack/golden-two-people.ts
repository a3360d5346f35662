import { it } from "vitest";
import { sealOf } from "../../src/core/operation.ts";
import type { Conversation } from "../../src/flow/ports.ts";
import { alice, bob, carol, type Story, until } from "../scenario/story.ts";
import { ending, luns, patient } from "../scenario/target.ts";
import type { GoldenBook } from "./golden-book.ts";

const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const shown = "Add ps-1 to cluster-1";
const terminal = "terminal:root";
const glass = "BREAK-GLASS at a terminal";
const complete = '"action_id":"cancel"';

/** Policies, and plans that wait for a second person. */
export function tellsOfTwoPeople(now: () => { story: Story; book: GoldenBook }): void {
  it("of policies", async () => {
    const { story, book } = now();
    await book.asks("policy-show", "policy show", "What is asked before a plan runs");
    await book.asks("policy-set", "policy set risk=destructive require=approver", "Destructive plans need");
    await book.asks("policy-set-on-cluster", "policy set risk=trust require=typed cluster=cluster-1", "on cluster-1");
    await book.asks("policy-show-set", "policy show cluster-1", "before a plan runs on cluster-1");
    await book.asks("policy-unset", "policy unset risk=destructive", "need typed again");
    await book.asks("policy-too-weak", "policy set risk=trust require=nothing", "The policy was not changed");
    await book.asks("policy-no-cluster", "policy show cluster-9", "The policy can't be shown");
    await story.says("/zstack host remove sharedblock-host3");
    await story.shows("Confirm before");
    await story.clicks("Confirm");
    await book.keepsForm("form-of-policy");
  });

  it("of a plan that waits for an approver, and is approved", async () => {
    const { story, book } = now();
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need");
    await story.says(add, bob);
    await book.keepsSent("waits-for-approver", shown, "Waiting for an approver", complete);
    await story.clicks("Approve", bob);
    await book.keepsSent("approve-no-role", "ROLE_MISSING");
    await story.says("/zstack approve op-9", alice);
    await book.keepsSent("approve-not-found", "op-9 can't be approved");
    await story.clicks("Approve", alice);
    await book.keepsSent("approve-answer", "op-1 is approved", "confirms it now");
    await book.keepsSent("approved-notice", "op-1 is approved", "confirm it before");
    await book.keepsSent("approved-plan", shown, "Approved by", '"action_id":"confirm"');
    await story.clicks("Confirm", alice);
    await book.keepsSent("confirm-own-approval", "op-1 is not confirmed", "you approved it");
    await story.says("/zstack approve op-1", carol);
    await book.keepsSent("approve-too-late", "op-1 can't be approved any more");
    await story.clicks("Cancel", bob);
    await story.shows(": cancelled (op-1)");
    await story.says("/zstack host remove sharedblock-host3");
    await story.shows("Confirm before");
    await story.says("/zstack approve op-2", carol);
    await book.keepsSent("approve-not-asked", "op-2 can't be approved", "it needs no second person");
  });

  it("of a plan that its approver rejects, and of an approver who lost the role", async () => {
    const { story, book } = now();
    await story.says(add);
    await story.shows(shown);
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need");
    await story.confirms(ending(luns.orphan));
    await book.keepsSent("policy-since-shown", "its policy asks for a second person since it was shown");
    await story.says(add);
    await story.shows(shown, "Waiting for an approver");
    await story.says("/zstack approve op-2");
    await book.keepsSent("approve-own", "op-2 can't be approved by you");
    await story.clicks("Reject…", carol);
    await book.keepsForm("reject-form");
    await story.says('/zstack reject op-2 reason="this LUN is still needed"', carol);
    await book.keepsSent("rejected-notice", "op-2 is rejected", "rejected it");
    await book.keepsSent("rejected-end", "an approver rejected it");
    await story.says(add);
    await story.shows(shown, "Waiting for an approver");
    await story.clicks("Approve", carol);
    await story.shows("Approved by");
    await story.bot.world.access.changeGrants((grants) => [grants.filter(({ who }) => who !== carol), null]);
    await story.confirms(ending(luns.orphan));
    await book.keepsSent("approver-lost", "its second person is missing", "(op-3)", "does not have the role");
  });

  it("of a break-glass and its review", async () => {
    const { story, book } = now();
    await book.asks("review-list-empty", "review list", "No open review");
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need");
    await story.says(add, bob);
    await story.shows(shown, "Waiting for an approver");
    await story.workspace.openHome({ person: carol });
    await book.keepsView("home-approve", "It waits for an approver", "Approve", "Open Plan");
    await story.says('/zstack break-glass op-1 reason="no approver answers"', bob);
    await book.keepsSent("break-glass-answer", "op-1 needs no approver now");
    await book.keepsSent("break-glass-notice", "BREAK-GLASS: op-1 may run without a second person");
    await book.keepsSent("break-glass-plan", shown, "BREAK-GLASS, no second person", '"action_id":"confirm"');
    await story.workspace.openHome({ person: alice });
    await book.keepsView("home-review", "Reviews that wait for an admin", "BREAK-GLASS by", "Open Plan");
    await story.says('/zstack break-glass op-1 reason="again"', bob);
    await book.keepsSent("break-glass-too-late", "op-1 can't be confirmed without an approver any more");
    await book.asks("review-list", "review list", "1 open review");
    await story.says('/zstack review close rev-1 note="carol was ill"');
    await book.keepsSent("review-closed", "rev-1 is closed");
    await book.asks("review-closed-before", 'review close rev-1 note="x"', "closed it before");
    await book.asks("review-not-found", 'review close rev-9 note="x"', "there is no review of this id");
    await book.asks("review-list-closed", "review list", "carol was ill");
    await story.says(add);
    await story.shows(shown, "Waiting for an approver");
    await story.says('/zstack break-glass op-2 reason="at night"');
    await story.shows("op-2 needs no approver now");
    // The notice is posted later than the answer, and would be taken for the next one.
    await until(() => (story.bot.world.reviews.all()[0]?.isNotified ? true : undefined), patient(20_000));
    const at = new Date().toISOString();
    await story.bot.world.access.changeGrants((grants) => [
      [...grants, { who: carol, role: "admin", clusters: "all", by: alice, at }],
      null,
    ]);
    await book.asks("review-own", 'review close rev-2 note="x"', "there is another admin of cluster-1");
  });

  it("of a break-glass at a terminal", async () => {
    const { story, book } = now();
    const at: Conversation = {
      ...{ place: JSON.stringify({ terminal }), mayNotChangeHere: null, linkTo: () => null, find: async () => null },
      say: async () => "terminal",
      revise: async () => undefined,
      sendEphemeral: async () => undefined,
    };
    const { flow, world } = story.bot;
    const away = { reason: "vm-db is down", away: "Slack answers with the HTTP status 503" };
    await flow.askAway("host remove sharedblock-host3", terminal, away, at);
    await book.keepsSent("break-glass-terminal-waits", glass, "It waits for its confirmation at the terminal");
    const operation = world.operations.get("op-1");
    const seal = operation === null ? null : sealOf(operation);
    await flow.cancel({ operationId: "op-1", seal, messageId: "terminal" }, terminal, at);
    await book.keepsSent("break-glass-terminal-end", glass, ": cancelled (op-1)");
    await flow.askAway("sharedblock delete ps-9", terminal, away, at);
    await book.keepsSent("break-glass-terminal-refused", glass, "nothing ran");
    await book.asks("review-list-terminal", "review list", "1 open review", "Slack could not be reached");
    await story.hosts.fault("sharedblock-host1", { kind: "hangs", program: "tee" });
    await story.says("/zstack host rescan sharedblock-host1");
    await story.begins("tee");
    const queued = flow.askAway("host rescan sharedblock-host1", terminal, away, at);
    await until(() => (flow.runs().some(({ waits }) => waits !== null) ? true : undefined), patient(20_000));
    await book.asks("review-list-queued", "review list", "2 open reviews", "It waits in the queue, after op-2");
    await story.says("/zstack operation stop op-3");
    await queued;
  });

  it("of plans that nobody else could approve", async () => {
    const { story, book } = now();
    const inSlack = { slack: story.workspace, admins: [alice], operators: [bob], channels: ["C0STORAGE"] };
    await story.restartsBot(undefined, inSlack);
    await book.plans("nobody-else-is-asked", add.slice(8), shown, "nobody else is approver of cluster-1");
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need");
    await story.says(add);
    await book.keepsSent("nobody-can-approve", shown, "so nobody can approve it", complete);
  });
}
