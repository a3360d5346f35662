import { afterEach, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { bob, carol, dave, Story } from "./story.ts";
import { ending, itSimulated as it, luns } from "./target.ts";

const ONCALL = "S0ONCALL";
const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const shown = "Add ps-1 to cluster-1";

/** Simulated hosts: real ones would change nothing of who may approve. */
describe("approve: the approvers are a user group of Slack", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    story.workspace.changeUserGroup(ONCALL, [dave]);
    await story.says("/zstack role revoke @carol approver");
    await story.shows("Revoked: approver");
    await story.says("/zstack role grant @oncall approver");
    await story.shows("Granted: approver", "The group has 1 member now.");
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need typed+approver now");
    await story.says(add, bob);
  });
  afterEach(() => story.ends());

  const operation = () => story.bot.world.operations.get("op-1");
  const ran = async () => (await story.audit()).some(({ event }) => event.kind === "began");
  const members = (people: readonly string[]) => story.workspace.changeUserGroup(ONCALL, people);
  const approves = async () => {
    await story.clicks("Approve", dave);
    await story.shows("op-1 is approved", `<@${bob}>`);
  };
  const failing = { answer: { kind: "error", code: "internal_error" } } as const;

  it("the plan mentions the group, a member of it approves, and the log names the member", async () => {
    const plan = await story.shows(shown, "Waiting for an approver", `<!subteam^${ONCALL}>`);
    expect(textIn(plan)).not.toContain(`<@${dave}>`);
    await story.clicks("Approve", carol);
    await story.shows("ROLE_MISSING", "The role approver of cluster-1 is missing", "@oncall (group)");
    expect(operation()?.second?.given).toBeNull();
    await approves();
    await story.confirms(ending(luns.orphan), bob);
    await story.shows(": done (op-1)");
    const approved = (await story.audit()).filter(({ event }) => event.kind === "approved");
    expect(approved).toMatchObject([{ by: dave, operationId: "op-1" }]);
  });

  it("who left the group since the plan was shown can't approve it, and who joined it can", async () => {
    await story.shows(shown, "Waiting for an approver");
    // Less than 5 minutes ago Slack said that dave is in the group.
    members([carol]);
    await story.clicks("Approve", dave);
    await story.shows("ROLE_MISSING", "The role approver of cluster-1 is missing");
    expect(operation()?.second?.given).toBeNull();
    await story.clicks("Approve", carol);
    await story.shows("op-1 is approved");
    expect(operation()?.second?.given?.by).toBe(carol);
  });

  it.each([
    ["left the group", () => members([carol])],
    ["was deactivated", () => story.workspace.changeAccount(dave, { deleted: true })],
    ["became a guest", () => story.workspace.changeAccount(dave, { isRestricted: true })],
  ] as const)("an approval does not count if its author %s before the confirmation", async (_, happens) => {
    await story.shows(shown, "Waiting for an approver");
    await approves();
    happens();
    await story.confirms(ending(luns.orphan), bob);
    const end = await story.shows(": refused (op-1)", "its second person is missing", "SECOND_PERSON");
    expect(textIn(end)).toContain("does not have the role approver of cluster-1 now");
    expect(await ran()).toBe(false);
  });

  it("an approval without Slack's word on the group is refused, and counts once Slack answers", async () => {
    await story.shows(shown, "Waiting for an approver");
    story.workspace.slackFaults.calls("usergroups.users.list", failing);
    await story.clicks("Approve", dave);
    await story.shows("ROLE_UNKNOWN", "Slack did not say who is in a user group", "internal_error");
    expect(operation()?.second?.given).toBeNull();
    story.workspace.slackFaults.well("usergroups.users.list");
    // For 2 s the bot does not repeat a question that failed.
    const answer = async () => {
      await story.says("/zstack approve op-1", dave);
      return textIn(await story.shows(/op-1 is approved|ROLE_UNKNOWN/));
    };
    await expect.poll(answer, { interval: 1_000, timeout: 60_000 }).toContain("op-1 is approved");
    expect(operation()?.second?.given?.by).toBe(dave);
  });

  it.each([
    ["answers with an error", failing, "internal_error"],
    ["does not answer", { answer: { kind: "silent" } }, "no answer within 5 s"],
  ] as const)(
    "if Slack %s when an approved plan is confirmed, nothing runs, and the end says why",
    async (_, fault, why) => {
      await story.shows(shown, "Waiting for an approver");
      await approves();
      story.workspace.slackFaults.calls("usergroups.users.list", fault);
      await story.confirms(ending(luns.orphan), bob);
      const end = textIn(await story.shows(": refused (op-1)", "ROLE_UNKNOWN"));
      expect(end).toContain("nobody knows whether its approver has the role");
      expect(end).toContain("Slack did not say who is in a user group");
      expect(end).toContain(why);
      expect(operation()?.state).toBe("refused");
      expect(await ran()).toBe(false);
    },
  );
});
