import fc from "fast-check";
import { expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import type { Command } from "../../src/core/command.ts";
import type { FilledForm, GuidedForm, LunOffer } from "../../src/core/guided-form.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import { NotWritten } from "../../src/core/not-written.ts";
import { Refusal, reason } from "../../src/core/refusal.ts";
import { type Reply, wordsOf } from "../../src/core/reply.ts";
import { createFlow } from "../../src/flow/flow.ts";
import { Forms } from "../../src/flow/forms.ts";
import { OpenQuestions } from "../../src/flow/open-questions.ts";
import type { Conversation, World } from "../../src/flow/ports.ts";
import { understand } from "../../src/language/understand.ts";
import { uuid } from "../store/samples.ts";
import { everybodyMay } from "../support/permission.ts";

const lun = (value: string, content: string | null = null) => ({
  value,
  text: `…${value} · 1 TB`,
  detail: "paths 2/2",
  content,
});
const offerOf = (patch: Partial<LunOffer> = {}): LunOffer => ({
  ...{ usable: [lun("aaaaaaaa")], unusable: [], problems: [], all: "lun list cluster-1" },
  ...patch,
});
const inventory: Inventory = {
  ...emptyInventory,
  clusters: [
    { uuid: uuid(1), name: "cluster-1", zoneUuid: uuid(9) },
    { uuid: uuid(2), name: "cluster-2", zoneUuid: uuid(9) },
  ],
};
const asked = { command: "sharedblock add", subject: "cluster-1", by: "U1" };
const filled: FilledForm = { subject: "cluster-1", wwids: ["aaaaaaaa"], name: "ps-1", description: null, wipe: false };

/** Forms on hosts that answer when the test says so, with a clock that the test moves. */
function formsWith(offer: LunOffer = offerOf()) {
  const happened: string[] = [];
  const hosts: ((answer: LunOffer | Error) => void)[] = [];
  const late: (() => void)[] = [];
  let nowMs = Date.parse("2026-11-29T09:00:00Z");
  let fullDisk = false;
  const real = commands.find(({ name }) => name === "sharedblock add") as Extract<Command, { kind: "change" }>;
  const form: GuidedForm = {
    ...(real.form as GuidedForm),
    subject: {
      ...(real.form as GuidedForm).subject,
      choices: (from) => from.clusters.map(({ name }) => ({ value: name, text: name, detail: null })),
      blocked: () => null,
    },
    observe: (subject) => {
      happened.push(`observe ${subject}`);
      return new Promise((resolve, reject) =>
        hosts.push((answer) => (answer instanceof Error ? reject(answer) : resolve(() => answer))),
      );
    },
  };
  const world = {
    inventory: { current: () => inventory },
    operations: { get: () => null, latest: () => [] },
    audit: {
      append: async (by: string, _: null, { words }: { words: string }) => {
        if (fullDisk) throw new NotWritten("audit.jsonl", "no space left");
        happened.push(`log ${by} ${words}`);
      },
    },
    clock: { now: () => new Date(nowMs), sleep: () => new Promise<void>((resolve) => late.push(resolve)) },
    log: { info: () => undefined, error: () => undefined },
    buttonKey: "0".repeat(64),
    permission: everybodyMay,
    isStopping: () => false,
    watch: () => null,
  } as unknown as World;
  const open = new OpenQuestions();
  const forms = new Forms([{ ...real, form }], world, open);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ forms, happened, open, settled },
    fillDisk: () => {
      fullDisk = true;
    },
    pass: (seconds: number) => {
      nowMs += 1000 * seconds;
    },
    answer: async (answer: LunOffer | Error = offer) => {
      await settled();
      hosts.shift()?.(answer);
      await settled();
    },
    isLate: async () => {
      for (const each of late.splice(0)) each();
      await settled();
    },
  };
}
const kindOf = (forms: Forms) => forms.now(asked)?.luns.kind;

it("an observation is used for 30 s, and made again after that", async () => {
  const { forms, happened, answer, pass, settled } = formsWith();
  expect(kindOf(forms)).toBe("observing");
  await answer();
  expect(kindOf(forms)).toBe("offered");
  pass(30);
  expect(kindOf(forms)).toBe("offered");
  pass(1);
  expect(kindOf(forms)).toBe("observing");
  await settled();
  expect(happened.filter((each) => each.startsWith("observe"))).toHaveLength(2);
});

it("people who open forms at the same time share one observation, which is in the audit log before it begins", async () => {
  const { forms, happened, settled } = formsWith();
  for (const by of ["U1", "U2", "U3"]) forms.now({ ...asked, by });
  await settled();
  expect(happened).toEqual(["log U1 sharedblock add cluster-1 (form)", "observe cluster-1"]);
});

it("hosts are observed even if the audit log can't be written", async () => {
  const { forms, happened, fillDisk, settled } = formsWith();
  fillDisk();
  forms.now(asked);
  await settled();
  expect(happened).toEqual(["observe cluster-1"]);
});

it("a menu that waits too long says so at once, and has its LUNs after the hosts have answered", async () => {
  const { forms, answer, isLate } = formsWith();
  const first = forms.luns(asked, "");
  await isLate();
  expect(await first).toMatchObject([{ value: "observing", text: "Observing the hosts of cluster-1…" }]);
  const second = forms.luns(asked, "");
  await answer();
  expect((await second).map(({ value }) => value)).toEqual(["aaaaaaaa"]);
});

it("a menu finds LUNs by any part of the WWID or the description, at most 100", async () => {
  const many = Array.from({ length: 300 }, (_, index) => lun(`36b0${index.toString(16).padStart(4, "0")}`));
  const { forms, answer } = formsWith(offerOf({ usable: [...many, lun("36ffaa12", "ext4")] }));
  forms.now(asked);
  await answer();
  expect(await forms.luns(asked, "")).toHaveLength(100);
  expect((await forms.luns(asked, " FFAA ")).map(({ value }) => value)).toEqual(["36ffaa12"]);
  expect(await forms.luns(asked, "no such")).toEqual([]);
});

it("hosts that could not be read are asked again by the next form", async () => {
  const { forms, answer } = formsWith();
  for (const answered of [
    offerOf({ problems: ["host1: down"] }),
    new Refusal("x", reason("BUSY", "no hosts")),
    new Error("bug"),
  ]) {
    const luns = forms.now(asked)?.luns;
    expect(luns?.kind).toBe("observing");
    await answer(answered);
    const after = luns?.kind === "observing" ? await luns.observed : null;
    expect(after?.kind).toBe(answered instanceof Error ? "failed" : "offered");
  }
  expect(kindOf(forms)).toBe("observing");
});

it("a person with too many open commands observes nothing more", async () => {
  const { forms, open, happened } = formsWith();
  for (let count = 0; count < 5; count++) open.take("U1", "lun list cluster-1", true);
  const luns = forms.now(asked)?.luns;
  const after = luns?.kind === "observing" ? await luns.observed : null;
  expect(after).toEqual({
    kind: "failed",
    why: [
      "BUSY  The command was not run",
      "• 5 of your commands are open",
      "Fix: 1. wait for one of the answers",
      "Fix: 2. open the form again",
    ],
  });
  expect(happened).toEqual([]);
});

it("LUNs that can't be used are refused at their field, with the reason", async () => {
  const unusable = [{ wwid: "bbbbbbbb", why: "…bbbbbb is mounted on host1", owner: null }];
  const { forms, answer } = formsWith(offerOf({ usable: [lun("aaaaaaaa"), lun("cccccccc", "ext4")], unusable }));
  const wrong = (patch: Partial<FilledForm>) => forms.wrong("sharedblock add", { ...filled, ...patch });
  expect(wrong({})).toEqual([]);
  expect(wrong({ wwids: [] })).toMatchObject([{ field: "subject" }]);
  forms.now(asked);
  expect(wrong({ wwids: [] })).toMatchObject([
    { field: "subject", why: expect.stringContaining("still being observed") },
  ]);
  await answer();
  expect(wrong({})).toEqual([]);
  expect(wrong({ wwids: ["bbbbbbbb"] })).toEqual([{ field: "wwids", why: "…bbbbbb is mounted on host1" }]);
  expect(wrong({ wwids: ["dddddddd"] })).toEqual([{ field: "wwids", why: "No host sees LUN dddddddd now." }]);
  expect(wrong({ wwids: ["observing"] })).toMatchObject([{ field: "wwids", why: expect.stringContaining("no LUN") }]);
  expect(wrong({ wwids: ["cccccccc"] })).toMatchObject([{ field: "wipe", why: expect.stringContaining("ext4") }]);
  expect(wrong({ wwids: ["cccccccc"], wipe: true })).toEqual([]);
  expect(wrong({ subject: "cluster-9" })).toMatchObject([{ field: "subject" }]);
});

it("an input that can't be a command is refused at its field", () => {
  const { forms } = formsWith();
  const wrong = (patch: Partial<FilledForm>) => forms.wrong("sharedblock add", { ...filled, ...patch });
  expect(wrong({ name: "two words" })).toMatchObject([
    { field: "name", why: expect.stringContaining("is not a name") },
  ]);
  expect(wrong({ description: "one\nmore" })).toMatchObject([{ field: "description" }]);
  expect(wrong({ description: "x".repeat(2001) })).toMatchObject([{ field: "description" }]);
  const long = Array.from({ length: 100 }, (_, index) => `${index}${"a".repeat(100)}`);
  expect(wrong({ wwids: long })).toEqual([{ field: "wwids", why: "The command is too long. Choose fewer LUNs." }]);
});

it("a form becomes a command that means exactly what was filled in", () => {
  const { forms } = formsWith();
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('" wipe=true', "a\\", "x unasked=host1", "'"),
  );
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);
  const wwids = fc.array(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:+-]{7,40}$/), { minLength: 1, maxLength: 4 });
  const given = fc.record({ name: fc.option(name), description: fc.option(text), wwids, wipe: fc.boolean() });
  fc.assert(
    fc.property(given, (patch) => {
      const form: FilledForm = {
        ...filled,
        ...patch,
        name: patch.name || null,
        description: patch.description || null,
      };
      if (forms.wrong("sharedblock add", form).length > 0) return;
      const understood = understand(forms.words("sharedblock add", form), commands);
      const { name, description, wipe } = form;
      expect(understood).toMatchObject({ kind: "command", command: { name: "sharedblock add" } });
      const args = understood.kind === "command" ? understood.args : {};
      expect(args).toMatchObject({ cluster: "cluster-1", wipe, unasked: [] });
      expect([args.name ?? null, args.description ?? null, args.wwid]).toEqual([
        name,
        description,
        [...new Set(form.wwids)],
      ]);
    }),
  );
});

it("a seal belongs to one form and one data folder", () => {
  const { forms } = formsWith();
  expect(forms.sealOf("sharedblock add")).toMatch(/^[0-9a-f]{24}$/);
  expect(forms.sealOf("sharedblock add")).not.toBe(forms.sealOf("sharedblock extend"));
});

it("a command with a form shows its usage if no form can open, in Slack with the form's button", async () => {
  const said: Reply[] = [];
  const sendEphemeral = async ({ reply }: { reply: Reply }) => void said.push(reply);
  const world = {
    log: { info: () => undefined, error: () => undefined },
    operations: { get: () => null, latest: () => [] },
    inventory: { current: () => inventory },
    clock: { now: () => new Date(0) },
    buttonKey: "0".repeat(64),
    permission: everybodyMay,
    isStopping: () => false,
    watch: () => null,
  } as unknown as World;
  const flow = createFlow(commands, world);
  const conversation = { sendEphemeral, mayNotChangeHere: null } as unknown as Conversation;
  await flow.ask("sharedblock add", "terminal:root", conversation);
  await flow.ask("sharedblock add", "U1", { ...conversation, opensForms: true });
  expect(said.map(({ next }) => next.some((step) => wordsOf(step) === "sharedblock add"))).toEqual([false, true]);
  expect(said.map(({ error }) => error?.code)).toEqual(["WRONG_ARGUMENTS", "WRONG_ARGUMENTS"]);
});
