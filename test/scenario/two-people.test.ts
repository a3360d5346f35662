import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { Terminal } from "../terminal/terminal.ts";
import { buttonsIn, textIn } from "./message-text.ts";
import { alice, bob, carol, dave, Story, until } from "./story.ts";
import { ending, itSimulated as it, luns } from "./target.ts";

const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const shown = "Add ps-1 to cluster-1";

describe("approve: a plan that destroys waits for an approver", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  const turnsOn = async () => {
    await story.says("/zstack policy set risk=destructive require=approver");
    await story.shows("Destructive plans need typed+approver now");
  };
  const operation = () => story.bot.world.operations.get("op-1");
  const labels = (text: string) =>
    story.messages
      .filter((message) => textIn(message).includes(text))
      .flatMap(buttonsIn)
      .map(({ label }) => label);
  const kinds = async () =>
    (await story.audit()).filter(({ operationId }) => operationId === "op-1").map(({ by, event }) => [by, event.kind]);

  it("in the local workspace one person does it alone, and the plan says how to turn the second one on", async () => {
    await story.says(add);
    const plan = await story.shows(shown, "No second person approves it.");
    expect(textIn(plan)).toContain("policy set risk=destructive require=approver");
    await story.confirms(ending(luns.orphan));
    await story.shows(": done (op-1)");
  });

  it("the approver approves, then the person who asked confirms, and the log names both", async () => {
    await turnsOn();
    await story.says(add);
    const plan = await story.shows(shown, "Waiting for an approver", `<@${carol}>`);
    const all = () => ["Cancel", "Approve", "Reject…"].every((label) => labels(shown).includes(label));
    expect(await until(() => (all() ? true : undefined), 20_000)).toBe(true);
    expect(labels(shown)).not.toContain("Wipe and Add");
    await story.clicks("Approve", carol);
    await story.shows("op-1 is approved", `<@${alice}>`, "confirm it before");
    expect((await story.shows(shown, "Approved by", "Wipe and Add")).ts).toBe(plan.ts);
    expect(labels(shown)).not.toContain("Approve");
    await story.confirms(ending(luns.orphan));
    await story.shows(": done (op-1)");
    expect((await kinds()).slice(0, 3)).toEqual([
      [alice, "planned"],
      [carol, "approved"],
      [alice, "confirmed"],
    ]);
    const approved = (await story.audit()).map(({ event }) => event).find(({ kind }) => kind === "approved");
    expect(approved).toEqual({ kind: "approved", digest: operation()?.digest });
  });

  it("the person who asked, a person without the role, and a late one can't approve it", async () => {
    await turnsOn();
    await story.says(add);
    await story.shows("Waiting for an approver");
    await story.clicks("Approve", alice);
    await story.shows("op-1 can't be approved by you", "SECOND_PERSON", "you asked for it");
    await story.clicks("Approve", dave);
    await story.shows("ROLE_MISSING");
    await story.clicks("Reject…", bob);
    await story.shows("ROLE_MISSING");
    expect(operation()?.second?.given).toBeNull();
    await story.says("/zstack approve op-1", carol);
    await story.shows("op-1 is approved");
    await story.says("/zstack approve 1", carol);
    await story.shows("op-1 can't be approved any more", "PLAN_ENDED");
    await story.says("/zstack approve op-9", carol);
    await story.shows("NOT_FOUND");
  });

  it("a rejection ends it, with the person and the reason", async () => {
    await turnsOn();
    await story.says(add);
    await story.shows("Waiting for an approver");
    await story.says('/zstack reject op-1 reason="this LUN is still needed"', carol);
    await story.shows("op-1 is rejected", `<@${alice}>`, "this LUN is still needed");
    await story.shows(": refused (op-1)", "an approver rejected it", "Rejected by", "this LUN is still needed");
    expect(operation()?.state).toBe("refused");
    expect((await kinds()).map(([, kind]) => kind)).toEqual(["planned", "rejected", "ended"]);
    await story.says("/zstack approve op-1", carol);
    await story.shows("op-1 can't be approved any more", "op-1 is refused already");
  });

  it("the approver can't confirm the same plan, also as an admin", async () => {
    await turnsOn();
    await story.says(add, bob);
    await story.shows("Waiting for an approver");
    await story.clicks("Approve", alice);
    await story.shows("Approved by");
    await story.clicks("Confirm", alice);
    await story.shows("op-1 is not confirmed", "SECOND_PERSON", "you approved it");
    expect(operation()?.state).toBe("planned");
    await story.confirms(ending(luns.orphan), bob);
    await story.shows(": done (op-1)");
  });

  it("an approval survives a restart, and expires with its plan", async () => {
    await turnsOn();
    await story.says(add);
    await story.shows("Waiting for an approver");
    await story.restartsBot();
    await story.clicks("Approve", carol);
    await story.shows(shown, "Approved by", "Wipe and Add", "is lost");
    const file = join(story.directory, "operations.json");
    await story.restartsBot(async () => {
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace(/"expiresAt": "[^"]+"/, '"expiresAt": "2026-01-01T00:00:00.000Z"'));
    });
    await story.shows(": expired (op-1)");
    expect(operation()).toMatchObject({ state: "expired", second: { given: { by: carol } } });
  });

  it("the approver's role counts when the plan is confirmed, and a change of the plan ends it", async () => {
    await turnsOn();
    await story.says(add);
    await story.shows("Waiting for an approver");
    await story.clicks("Approve", carol);
    await story.shows("Approved by");
    await story.bot.world.access.changeGrants((grants) => [grants.filter(({ who }) => who !== carol), null]);
    await story.confirms(ending(luns.orphan));
    await story.shows(": refused (op-1)", "its second person is missing", "SECOND_PERSON");
    expect((await story.audit()).some(({ event }) => event.kind === "began")).toBe(false);
  });

  it("a terminal waits for the approver, and then asks for the confirmation", async () => {
    await turnsOn();
    const terminal = await Terminal.at(story.directory);
    const planned = terminal.ask(add.slice(8));
    await story.shows(shown, "Waiting for an approver");
    const other = await Terminal.at(story.directory);
    expect(await other.ask("approve op-1")).toMatchObject({ good: false });
    expect(other.text).toContain("a terminal does not show which person types");
    other.goes();
    await story.clicks("Approve", carol);
    await planned;
    expect(terminal.asked).toBe("op-1");
    const typed = ending(luns.orphan);
    const end = await terminal.says({ kind: "confirm", operationId: "op-1", typed, secrets: {} });
    expect(end.good, terminal.text).toBe(true);
    expect(operation()).toMatchObject({ state: "done", second: { given: { by: carol } } });
    terminal.goes();
  });

  it("a terminal sees a rejection, and a closed terminal cancels its plan", async () => {
    await turnsOn();
    const terminal = await Terminal.at(story.directory);
    const rejected = terminal.ask(add.slice(8));
    await story.shows(shown, "Waiting for an approver");
    await story.says('/zstack reject op-1 reason="still needed"', carol);
    expect(await rejected).toMatchObject({ good: false });
    expect(terminal.text).toContain("still needed");
    terminal.ask(add.slice(8)).catch(() => undefined);
    await story.shows(shown, "Waiting for an approver", "op-2");
    terminal.goes();
    await story.shows(": cancelled (op-2)");
  });

  it("a stricter policy holds for plans that are shown already", async () => {
    await story.says(add);
    await story.shows(shown);
    await turnsOn();
    await story.confirms(ending(luns.orphan));
    await story.shows(": refused (op-1)", "its policy asks for a second person since it was shown");
  });
});

describe("policy set: what is asked before a plan runs", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it("a reversible change shows a plan if its policy asks for a click, on one cluster or on all", async () => {
    await story.says("/zstack policy set risk=reversible require=click");
    await story.shows("Reversible plans need click now");
    await story.says("/zstack cluster add cluster-2 zone=ZONE-1");
    await story.shows("cluster-2", "Confirm before");
    expect(story.bot.world.operations.get("op-1")?.state).toBe("planned");
    await story.clicks("Confirm");
    await story.shows(": done (op-1)");
    await story.says("/zstack policy set risk=reversible require=typed cluster=cluster-2");
    await story.shows("Reversible plans on cluster-2 need typed now");
    await story.says("/zstack cluster remove cluster-2");
    await story.shows("cluster-2", "Confirm before");
    await story.clicks("Confirm");
    expect(await story.sends("no")).toHaveProperty("typed");
    expect(await story.sends(story.bot.world.operations.get("op-2")?.verb ?? "")).toEqual({});
    await story.shows(": done (op-2)");
    await story.says("/zstack policy show");
    await story.shows("What is asked before a plan runs", "cluster-2", "click", "typed");
    await story.says("/zstack policy unset risk=reversible");
    await story.shows("Reversible plans need nothing again", "the default");
  });

  it("only an admin sets them, and none is weaker than what its risk needs", async () => {
    await story.says("/zstack policy set risk=trust require=nothing", bob);
    await story.shows("ROLE_MISSING");
    await story.says("/zstack policy set risk=destructive require=click");
    await story.shows("The policy was not changed", 'a destructive plan needs at least "typed"');
    await story.says("/zstack policy set risk=trust require=hope");
    await story.shows("The policy was not changed", "is none of nothing, click, typed");
    await story.says("/zstack policy set risk=trust require=typed cluster=cluster-9");
    await story.shows("The policy was not changed", "cluster cluster-9 does not exist");
    await story.says("/zstack policy unset risk=trust");
    await story.shows("The policy was not changed", "nobody set a rule for trust plans");
  });

  it("with a damaged record the strictest holds, until an admin sets a rule", async () => {
    await story.restartsBot(() => writeFile(join(story.directory, "policies.json"), "{"));
    await story.says("/zstack policy show");
    await story.shows("The rules can't be read, so the strictest holds", "typed+approver");
    await story.says("/zstack zone add ZONE-2");
    await story.shows("ZONE-2", "Waiting for an approver");
    await story.says("/zstack policy set risk=reversible require=nothing");
    await story.shows("Reversible plans need nothing now", "The damaged record of rules was replaced");
    await story.restartsBot();
    await story.says("/zstack zone add ZONE-3");
    await story.shows(": done (op-2)");
    expect(await readFile(join(story.directory, "policies.json.damaged"), "utf8")).toBe("{");
  });

  it("as soon as two people could, a destructive plan waits for the second one", async () => {
    const inSlack = { slack: story.workspace, admins: [alice], operators: [bob], channels: ["C0STORAGE"] };
    await story.restartsBot(undefined, inSlack);
    await story.says(add);
    await story.shows(shown, "No second person approves it: nobody else is approver of cluster-1");
    await story.says(add, bob);
    await story.shows(shown, "Waiting for an approver", `<@${alice}>`);
  });
});
