import { afterEach, beforeEach, describe, expect } from "vitest";
import { buttonsIn, textIn } from "./message-text.ts";
import { alice, bob, carol, dave, Story, until } from "./story.ts";
import { itSimulated as it } from "./target.ts";

const CHANNEL = "C0STORAGE";
const OTHER = "C0OUTSIDE";

/** Simulated hosts: real ones would change nothing of who may do what. */
const story = () => {
  let current: Story;
  beforeEach(async () => {
    current = await Story.begin();
  });
  afterEach(async () => {
    await current.ends();
  });
  return new Proxy({} as Story, {
    get: (_, key) => {
      const value = Reflect.get(current, key, current);
      return typeof value === "function" ? value.bind(current) : value;
    },
  });
};
const slack = (of: Story) => ({ slack: of.workspace, channels: [CHANNEL] });
const acted = async (of: Story) =>
  (await of.audit()).flatMap(({ by, event }) => (event.kind === "acted" ? [[by, event.words, event.result]] : []));

describe("role grant", () => {
  const told = story();
  it("to a person takes effect at once, on the named clusters only, and the audit log has it", async () => {
    await told.says("/zstack sharedblock reconnect ps-1", dave);
    await told.shows("ROLE_MISSING", "role operator");
    await told.says("/zstack role grant @dave operator clusters=cluster-1", alice);
    await told.shows("Granted: operator of cluster-1", "@dave");
    await told.says("/zstack host rescan cluster-1", dave);
    await told.shows("cluster-1", /done \(op-1\)/);
    await told.says("/zstack zone add ZONE-2", dave);
    await told.shows("ROLE_MISSING", "The role operator of all clusters is missing");
    await told.says("/zstack role revoke @dave operator", alice);
    await told.shows("Revoked: operator of all clusters", "@dave");
    await told.says("/zstack host rescan cluster-1", dave);
    await told.shows("ROLE_MISSING", "The role operator of cluster-1 is missing");
    expect(await acted(told)).toEqual([
      [alice, `role grant @${dave} operator clusters=cluster-1`, "Granted: operator of cluster-1"],
      [alice, `role revoke @${dave} operator`, "Revoked: operator of all clusters"],
    ]);
    const words = (await told.audit()).flatMap(({ event }) => (event.kind === "asked" ? [event.words] : []));
    expect(words.filter((each) => each.startsWith("role grant"))).toHaveLength(1);
  });

  it("stays after a restart, and a revoked role stays away", async () => {
    await told.says("/zstack role grant @dave approver", alice);
    await told.shows("Granted: approver");
    await told.says("/zstack role revoke @bob operator", alice);
    await told.shows("Revoked: operator");
    await told.restartsBot();
    await told.says("/zstack role list", dave);
    const list = textIn(await told.shows("given", "@carol"));
    expect(list).toMatch(/@?dave.*approver|U0DAVE001.*approver/s);
    await told.says("/zstack zone add ZONE-2", bob);
    await told.shows("ROLE_MISSING");
  });

  it("revoked while the message of a change is being posted: the change does not run", async () => {
    const answer = { kind: "late", ms: 2_000 } as const;
    const when = ({ text }: Readonly<Record<string, unknown>>) => String(text).includes("ZONE-2");
    told.workspace.slackFaults.calls("chat.postMessage", { answer, times: 1, when });
    await told.says("/zstack zone add ZONE-2", bob);
    await until(() => (told.bot.world.operations.latest(1).length === 1 ? true : undefined), 20_000);
    await told.bot.world.access.changeGrants((grants) => [grants.filter(({ who }) => who !== bob), null]);
    await told.shows("ZONE-2", ": refused (op-1)", "ROLE_MISSING");
    expect(told.bot.world.inventory.current().zones.map(({ name }) => name)).not.toContain("ZONE-2");
  });

  it("needs an admin", async () => {
    for (const person of [bob, carol, dave]) {
      await told.says("/zstack role grant me admin", person);
      await told.shows("ROLE_MISSING", "The role admin of all clusters is missing");
    }
    expect(told.bot.world.access.grants().map(({ who }) => who)).toEqual([bob, carol]);
  });

  it("to a person or a group that is not in the workspace is refused", async () => {
    await told.says("/zstack role grant @U0NOBODY1 operator", alice);
    await told.shows("NOT_FOUND", "there is no such user");
    await told.says("/zstack role grant @S0NOBODY1 operator", alice);
    await told.shows("NOT_FOUND", "there is no such user group");
  });
});

describe("role grant to a user group", () => {
  const told = story();
  it("counts for its members, and what Slack said is kept for 5 minutes", async () => {
    await told.says("/zstack role grant @oncall operator", alice);
    await told.shows("Granted: operator", "The group has 2 members now.");
    await told.says("/zstack zone add ZONE-2", dave);
    await told.shows("ZONE-2", /done \(op-1\)/);
    told.workspace.changeUserGroup("S0ONCALL", [bob]);
    await told.says("/zstack zone add ZONE-3", dave);
    await told.shows("ZONE-3", /done \(op-2\)/);
    await told.says("/zstack zone add ZONE-4", carol);
    await told.shows("ROLE_MISSING");
  });

  it("is asked again from Slack when a plan that destroys is confirmed", async () => {
    await told.says("/zstack role grant @oncall operator", alice);
    await told.shows("Granted: operator");
    await told.says(
      "/zstack sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a name=ps-1 wipe=true",
      dave,
    );
    await told.shows("Wipe and Add");
    told.workspace.changeUserGroup("S0ONCALL", [bob]);
    await told.clicks("Confirm", dave);
    await told.sends("bbe00a", dave);
    await told.shows("ROLE_MISSING", "No step was run.");
    expect((await told.audit()).some(({ event }) => event.kind === "began")).toBe(false);
    told.workspace.changeUserGroup("S0ONCALL", [bob, dave]);
    await told.confirms("bbe00a", dave);
    await told.shows(/: done \(op-1\)/);
  });

  it("means no if Slack does not answer at that confirmation, and the refusal says so", async () => {
    await told.says("/zstack role grant @oncall operator", alice);
    await told.shows("Granted: operator");
    await told.says(
      "/zstack sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a name=ps-1 wipe=true",
      dave,
    );
    await told.shows("Wipe and Add");
    const unanswered = { answer: { kind: "error", code: "internal_error" }, times: 50 } as const;
    told.workspace.slackFaults.calls("usergroups.users.list", unanswered);
    await told.clicks("Confirm", dave);
    await told.sends("bbe00a", dave);
    await told.shows("ROLE_UNKNOWN", "Slack did not say who is in a user group", "No step was run.");
    expect((await told.audit()).some(({ event }) => event.kind === "began")).toBe(false);
  });

  it("does not count for a guest or a person who was deactivated, unless they are named themselves", async () => {
    await told.says("/zstack role grant @oncall operator", alice);
    await told.shows("Granted: operator");
    told.workspace.changeAccount(dave, { isRestricted: true });
    await told.says("/zstack zone add ZONE-2", dave);
    await told.shows("ROLE_MISSING");
    await told.says("/zstack zone list", dave);
    await told.shows("ROLE_MISSING", "The role viewer of all clusters is missing");
    await told.says("/zstack role grant @dave operator", alice);
    await told.shows("They are a guest of the workspace, and have the role because it names them.");
    await told.says("/zstack zone add ZONE-2", dave);
    await told.shows("ZONE-2", /done \(op-1\)/);
  });
});

describe("role show", () => {
  const told = story();
  it("says what a person may do, and why", async () => {
    await told.says("/zstack role grant @oncall operator clusters=cluster-1", alice);
    await told.shows("Granted: operator of cluster-1");
    await told.says("/zstack role show @dave", dave);
    const shown = textIn(await told.shows("@dave: operator"));
    expect(shown).toContain("a full member of the workspace");
    expect(shown).toContain("in the group @oncall: operator of cluster-1, granted by @alice");
    expect(shown).toContain("every full member of the workspace may read");
    await told.says("/zstack role show", alice);
    await told.shows("@alice: admin", "set in ADMINS");
    await told.says("/zstack role show @oncall", dave);
    await told.shows("@oncall: operator", "The user group has 2 members now.");
  });
});

describe("role ask", () => {
  const told = story();
  it("is a button of a refusal, and an admin grants it with one click, which the audit log has", async () => {
    await told.says("/zstack host rescan cluster-1", dave);
    const refusal = await told.shows(
      "ROLE_MISSING",
      "The role operator of cluster-1 is missing",
      "who has it: @alice (admin)",
    );
    expect(refusal.onlyFor).toBe(dave);
    expect(buttonsIn(refusal).map(({ label }) => label)).toContain("Ask for It");
    await told.clicks("Ask for It", dave);
    const asked = await told.shows("Asked for: operator of cluster-1", "@dave asks for the role operator of cluster-1");
    expect(asked.onlyFor).toBeNull();
    // The click of another person is checked like any command of an admin.
    await told.clicks("Grant It", bob);
    await told.shows("ROLE_MISSING", "The role admin of cluster-1 is missing");
    await told.clicks("Grant It", alice);
    await told.shows("Granted: operator of cluster-1", "granted by @alice");
    expect(await acted(told)).toContainEqual([
      ...[alice, `role grant @${dave} operator clusters=cluster-1`],
      "Granted: operator of cluster-1",
    ]);
    await told.says("/zstack host rescan cluster-1", dave);
    await told.shows(/done \(op-1\)/);
    const answered = told.messages.find(({ ts }) => ts === asked.ts);
    expect(answered && buttonsIn(answered)).toEqual([]);
  });

  it("is not repeated within an hour, and not for a role that the person has", async () => {
    await told.says("/zstack role ask operator", dave);
    await told.shows("Asked for: operator of all clusters");
    await told.says("/zstack role ask operator", dave);
    await told.shows("NOTHING_TO_DO", "you asked for it at");
    await told.says("/zstack role ask operator", bob);
    await told.shows("NOTHING_TO_DO", "you have this role already");
  });
});

describe("role revoke", () => {
  const told = story();
  it("never takes away the last admin, and a setting is changed where it is set", async () => {
    await told.says("/zstack role revoke @alice admin", alice);
    await told.shows("NOTHING_TO_DO", "it comes from ADMINS");
    await told.restartsBot(undefined, { ...slack(told), operators: [bob] });
    await told.says("/zstack role list", bob);
    await told.shows("set in OPERATORS", "OPERATORS is read for the last time in this version");
  });
});

describe("channel bind", () => {
  const told = story();
  it("lets a cluster be changed only there; reading is not affected", async () => {
    told.workspace.changeChannel(OTHER, { botIsMember: true });
    await told.says("/zstack channel bind cluster-1 #outside", alice);
    await told.shows("cluster-1 is changed only in");
    await told.says("/zstack host rescan cluster-1", bob);
    await told.shows("CLUSTER_ELSEWHERE", "cluster-1 can't be changed here");
    await told.says("/zstack zone add ZONE-2", bob);
    await told.shows("ZONE-2", /done \(op-1\)/);
    await told.says("/zstack host list", dave);
    await told.shows("sharedblock-host1");
    await told.workspace.say({ person: bob, text: "/zstack host rescan cluster-1", threadTs: null, channel: OTHER });
    await expect
      .poll(() => told.workspace.messagesIn(OTHER).map(textIn).join("\n"), { timeout: 60_000 })
      .toMatch(/done \(op-2\)/);
    await told.says("/zstack channel list", dave);
    await told.shows("1 cluster is bound to a channel", "#outside");
    await told.says("/zstack channel unbind cluster-1", alice);
    await told.shows("cluster-1 is changed in every channel of the bot now");
    await told.says("/zstack host rescan cluster-1", bob);
    await told.shows(/done \(op-3\)/);
  });

  it("needs an admin, and a plan that waits elsewhere can't be confirmed any more", async () => {
    told.workspace.changeChannel(OTHER, { botIsMember: true });
    await told.says("/zstack host remove sharedblock-host1", bob);
    await told.shows("Remove");
    await told.says("/zstack channel bind cluster-1 #outside", bob);
    await told.shows("ROLE_MISSING", "The role admin of cluster-1 is missing");
    await told.says("/zstack channel bind cluster-1 #outside", alice);
    await told.shows("cluster-1 is changed only in");
    await told.clicks("Confirm", bob);
    await told.shows("CLUSTER_ELSEWHERE", "No step was run.");
  });
});
