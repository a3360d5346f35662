import { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { SlackPeople } from "../../src/slack/people.ts";
import { PersonNames } from "../../src/slack/person-names.ts";
import { alice, bob, outside, workspaceFor } from "../workspace/server/connected-app.ts";

const own = { teamId: "T0LOCAL", enterpriseId: null, url: "https://local.slack.com/" };

async function peopleOf() {
  const workspace = await workspaceFor({ rates: null });
  const client = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });
  return { workspace, people: new SlackPeople(client, new PersonNames(), own) };
}

describe("what Slack says of a person", () => {
  it.each([
    ["member", {}],
    ["guest", { isRestricted: true }],
    ["guest", { isUltraRestricted: true }],
    ["deactivated", { deleted: true }],
    ["bot", { isBot: true }],
    ["foreign", { team: "T0OTHER" }],
  ] as const)("is %s for an account with %j", async (standing, account) => {
    const { workspace, people } = await peopleOf();
    workspace.changeAccount(alice.id, account);
    expect(await people.standingOf(alice.id)).toBe(standing);
  });

  it("is that there is no such person, and no such group", async () => {
    const { people } = await peopleOf();
    expect(await people.standingOf("U0NOBODY")).toBe("not there");
    expect(await people.membersOf("S0NOBODY")).toEqual({ exists: false, members: new Set() });
  });

  it("is no answer if Slack fails, with its code", async () => {
    const { workspace, people } = await peopleOf();
    const missing = { answer: { kind: "error", code: "missing_scope" }, times: 1 } as const;
    workspace.slackFaults.calls("users.info", missing);
    workspace.slackFaults.calls("usergroups.users.list", missing);
    await expect(people.standingOf(alice.id)).rejects.toThrow("missing_scope");
    await expect(people.membersOf("S0ONCALL")).rejects.toThrow("missing_scope");
  });
});

describe("a user group", () => {
  it("has the people that Slack says, without those who were deactivated", async () => {
    const { workspace, people } = await peopleOf();
    workspace.changeUserGroup("S0ONCALL", [alice.id, bob.id]);
    expect(await people.membersOf("S0ONCALL")).toEqual({ exists: true, members: new Set([alice.id, bob.id]) });
    workspace.changeAccount(bob.id, { deleted: true });
    expect((await people.membersOf("S0ONCALL")).members).toEqual(new Set([alice.id]));
  });

  it("is named by its handle, a person and a channel by their names, once asked for", async () => {
    const { people } = await peopleOf();
    expect(people.nameOf("S0ONCALL")).toBeNull();
    await people.learnNames(["S0ONCALL", alice.id, outside, "U0NOBODY"]);
    expect(["S0ONCALL", alice.id, outside, "U0NOBODY"].map((id) => people.nameOf(id))).toEqual([
      ...["@oncall", "@alice", "#outside"],
      null,
    ]);
  });
});
