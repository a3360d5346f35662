import { it } from "vitest";
import { alice, bob, dave, type Story } from "../scenario/story.ts";
import type { GoldenBook } from "./golden-book.ts";

/** Who may do what: answers, refusals, and the question for a role with its answer. */
export function tellsOfRoles(now: () => { story: Story; book: GoldenBook }): void {
  it("of roles, and of clusters that are bound to a channel", async () => {
    const { story, book } = now();
    await book.asks("role-list", "role list", "3 roles given");
    await book.asks("role-show", "role show @dave", "@dave: viewer");
    await story.says("/zstack host rescan cluster-1", dave);
    await book.keepsSent("role-missing", "ROLE_MISSING", "Nothing was changed");
    await story.clicks("Ask for It", dave);
    await book.keepsSent("role-asked", "Asked for: operator of cluster-1");
    await story.clicks("Grant It", bob);
    await book.keepsSent("role-missing-of-admin", "The role admin of cluster-1 is missing");
    await story.clicks("Grant It", alice);
    await book.keepsSent("role-granted", "Granted: operator of cluster-1", "granted by");
    await book.keeps("role-asked-and-granted", "asked for it, and");
    await book.asks("role-granted-before", "role grant @dave operator clusters=cluster-1", "was granted before");
    await book.asks("role-revoked", "role revoke @dave operator", "Revoked: operator of all clusters");
    await book.asks("role-revoke-of-setting", "role revoke @alice admin", "it comes from ADMINS");
    await book.asks("role-granted-to-group", "role grant @oncall operator", "The group has 2 members now");
    await book.asks("role-show-of-group", "role show @oncall", "The user group has 2 members now");
    await book.asks("role-revoked-and-left", "role revoke @bob operator", "They still are operator: in the group");
    await story.restartsBot();
    story.workspace.slackFaults.calls("usergroups.users.list", {
      answer: { kind: "error", code: "missing_scope" },
      times: 1,
    });
    await story.says("/zstack zone add ZONE-2", bob);
    await book.keepsSent("role-unknown", "ROLE_UNKNOWN", "users:read and usergroups:read");
    story.workspace.slackFaults.well("usergroups.users.list");
    story.workspace.changeAccount(dave, { isUltraRestricted: true });
    await book.asks("role-show-of-guest", "role show @dave", "@dave may do nothing here");
    await book.asks("channel-list-empty", "channel list", "No cluster is bound to a channel");
    await book.asks("channel-bind-without-bot", "channel bind cluster-1 #outside", "invite the bot to #outside");
    const silence = { answer: { kind: "error", code: "fatal_error" } } as const;
    story.workspace.slackFaults.calls("conversations.info", silence);
    await book.asks("channel-bind-unknown", "channel bind cluster-1 #outside", "MEMBERSHIP_UNKNOWN");
    story.workspace.slackFaults.well("conversations.info");
    story.workspace.changeChannel("C0OUTSIDE", { botIsMember: true });
    await book.asks("channel-bound", "channel bind cluster-1 #outside", "cluster-1 is changed only in");
    await book.asks("channel-bound-before", "channel bind cluster-1 #outside", "was bound to", "before");
    await book.asks("channel-list", "channel list", "1 cluster is bound to a channel");
    await book.asks("cluster-elsewhere", "host rescan cluster-1", "CLUSTER_ELSEWHERE");
    await book.asks("channel-unbound", "channel unbind cluster-1", "cluster-1 is changed in every channel");
  });
}
