import { randomUUID } from "node:crypto";
import { z } from "zod";
import { commands } from "../../commands/index.ts";
import { People } from "../../src/access/people.ts";
import { Permission } from "../../src/access/permission.ts";
import { type Command, defineChange } from "../../src/core/command.ts";
import type { Freezes } from "../../src/core/freeze.ts";
import type { ReadCommand } from "../../src/core/host-command.ts";
import { emptyInventory, type Host } from "../../src/core/inventory.ts";
import { ONE } from "../../src/core/limits.ts";
import { type AuditEntry, type AuditEvent, type Operation, operationSchema, sealOf } from "../../src/core/operation.ts";
import { plan } from "../../src/core/plan.ts";
import type { SetRule } from "../../src/core/policy.ts";
import type { Review } from "../../src/core/review.ts";
import type { Holding } from "../../src/core/role.ts";
import { guardRead } from "../../src/core/step.ts";
import { noHistory } from "../../src/core/track-history.ts";
import { createFlow, type Flow } from "../../src/flow/flow.ts";
import type { Conversation, Message, World } from "../../src/flow/ports.ts";
import { messageNow } from "../../src/flow/ports.ts";
import { wipeSignatures } from "../../src/host/wipefs.ts";
import { markedGuard } from "../core/marked-guard.ts";
import { noAccess } from "../support/permission.ts";

const host: Host = {
  ...{ uuid: "a".repeat(32), name: "host1", clusterUuid: "b".repeat(32), address: "127.0.0.1", port: 22 },
  ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: null },
};
const ok: ReadCommand<null> = {
  ...{ effect: "read", argv: ["true"], timeoutMs: 1, limits: ONE, exitCodes: [0], parse: () => null },
};
const guard = markedGuard(guardRead(host, { ok }, () => null));

/** What a person must type to confirm the plan of `wipe disk`. */
export const TYPED = "bbe00a";

const wipeDisk = defineChange({
  name: "wipe disk",
  summary: "destroy what is on the disk",
  risk: "destructive",
  args: z.strictObject({}),
  positional: [],
  examples: ["wipe disk"],
  plan: async () =>
    plan({
      ...{ title: "Wipe the disk", verb: "Wipe", undo: { none: "It is a test." }, locks: ["disk"] },
      irreversible: ["What is on it is lost."],
      stages: [
        {
          ...{ kind: "hosts", title: "Wipe" },
          steps: [{ host, command: wipeSignatures("/dev/disk/by-id/x"), guard, why: "erases it" }],
        },
      ],
      typedConfirmation: { expected: TYPED, label: "Last six characters" },
    }),
});

const meant = ["approve", "reject", "break-glass", "review close", "review list", "policy set", "policy unset"];

/** The real flow with hosts, files and Slack in memory: what people do in a channel, in milliseconds. */
export class TrustInMemory {
  readonly entries: { readonly by: string; readonly operationId: string | null; readonly event: AuditEvent }[] = [];
  readonly operations: Operation[] = [];
  readonly said: { readonly place: string; readonly message: Message }[] = [];
  readonly flow: Flow;
  holdings: readonly Holding[];
  rules: readonly SetRule[] = [];
  reviews: readonly Review[] = [];
  freezes: Freezes = { freezes: [], schedules: [] };
  nowMs = Date.parse("2026-11-30T12:00:00.000Z");
  /** Why a place takes no message. */
  readonly refusing = new Map<string, Error>();
  /** What a host's commands wait for before they end. */
  hostEnds: Promise<unknown> = Promise.resolve();
  /** Host commands that destroyed something. */
  destroyed = 0;

  constructor(holdings: readonly Holding[]) {
    this.holdings = holdings;
    const all: readonly Command[] = [wipeDisk, ...commands.filter(({ name }) => meant.includes(name))];
    this.flow = createFlow(all, this.#world());
  }

  /** The channel, as one person uses it. */
  conversation(place = "C1"): Conversation {
    const keep = (message: Message) => {
      const refusal = this.refusing.get(place);
      if (refusal !== undefined) throw refusal;
      this.said.push({ place, message });
      return String(this.said.length);
    };
    return {
      place,
      mayNotChangeHere: null,
      say: async (message) => keep(messageNow(message)),
      revise: async (_id, message) => void keep(message),
      find: async () => null,
      sendEphemeral: async (message) => void keep(message),
      linkTo: () => null,
    };
  }

  asks = (words: string, by: string): Promise<void> => this.flow.ask(words, by, this.conversation());

  /** A click on Confirm and its form. `seal`: of another plan, if it is not the plan's own. */
  async confirms(id: string, by: string, typed: string = TYPED, seal?: string): Promise<void> {
    const operation = this.operations.find((each) => each.id === id);
    const clicked = {
      operationId: id,
      seal: seal ?? (operation ? sealOf(operation) : null),
      messageId: operation?.messageId ?? "1",
    };
    await this.flow.confirm({ ...clicked, by, typed, secrets: new Map() }, this.conversation());
  }

  async cancels(id: string, by: string): Promise<void> {
    const operation = this.operations.find((each) => each.id === id);
    const seal = operation ? sealOf(operation) : null;
    await this.flow.cancel({ operationId: id, seal, messageId: operation?.messageId ?? "1" }, by, this.conversation());
  }

  /** Until it holds, for so many turns of the event loop at most. */
  async until(holds: () => boolean, turns = 1_000): Promise<void> {
    for (let turn = 0; turn < turns && !holds(); turn++) await new Promise((resolve) => setImmediate(resolve));
    if (!holds()) throw new Error("it does not hold");
  }

  #world(): World {
    const now = () => new Date(this.nowMs);
    const people = new People(
      {
        ...{ standingOf: async () => "member", nameOf: () => null, learnNames: async () => undefined },
        membersOf: async () => ({ exists: false, members: new Set<string>() }),
      },
      () => this.nowMs,
    );
    const permission = new Permission({ holdings: () => this.holdings, terminal: "admin" }, people);
    const inventory = {
      ...emptyInventory,
      clusters: [{ uuid: host.clusterUuid, name: "cluster-1", zoneUuid: "c".repeat(32) }],
      hosts: [host],
    };
    const place = (at: string) => this.conversation(at);
    return {
      hosts: {
        gather: async (_host: Host, reads: object) =>
          Object.fromEntries(Object.keys(reads).map((name) => [name, { kind: "done", value: null, exitCode: 0 }])),
        run: async (_host: Host, { effect }: { readonly effect: string }) => {
          if (effect === "destroy") this.destroyed += 1;
          await this.hostEnds;
          return { kind: "done", value: null, exitCode: 0 };
        },
      } as unknown as World["hosts"],
      audit: {
        append: async (by, operationId, event) => {
          this.entries.push({ by, operationId, event });
          return {} as AuditEntry;
        },
        position: () => 0,
        head: () => ({ id: this.entries.length, hash: "0".repeat(64) }),
        backwards: async function* () {},
        operations: async function* () {},
        verify: async () => Promise.reject(new Error("there is no log in memory")),
        between: async () => [],
        after: async () => [],
      },
      inventory: { current: () => inventory, apply: async () => undefined },
      operations: {
        create: async (fields) => {
          const id = `op-${this.operations.length + 1}`;
          const created = operationSchema.parse({ ...fields, id, nonce: randomUUID().replaceAll("-", "") });
          this.operations.push(created);
          return created;
        },
        get: (id) => this.operations.find((each) => each.id === id) ?? null,
        latest: (limit) => this.operations.toReversed().slice(0, limit),
        change: async (id, from, patch, only = () => true) => {
          const index = this.operations.findIndex((each) => each.id === id);
          const before = this.operations[index];
          if (before === undefined || !from.includes(before.state) || !only(before)) return null;
          const after = operationSchema.parse({ ...before, ...patch, id });
          this.operations[index] = after;
          return after;
        },
      },
      conversations: {
        at: place,
        inThread: (at) => this.conversation(`${at} thread`),
        withPerson: (person) => this.conversation(`to ${person}`),
        home: () => place("C1"),
      },
      clock: { now, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
      log: { info: () => undefined, error: (_, error) => this.#bug(error) },
      observations: { keep: () => undefined, of: () => [] },
      history: noHistory,
      buttonKey: "key",
      permission,
      access: noAccess,
      policies: {
        set: () => this.rules,
        configured: [],
        isLocal: false,
        damage: () => null,
        changeSet: async (change) => {
          const [rules, result] = change(this.rules);
          this.rules = rules;
          return result;
        },
      },
      freezes: {
        current: () => ({ ...this.freezes, damaged: null }),
        change: async (change) => {
          this.freezes = change(this.freezes);
        },
        beginAgain: async () => null,
      },
      reviews: {
        all: () => this.reviews,
        open: async (fields) => {
          const id = `rev-${this.reviews.length + 1}`;
          const review = {
            ...fields,
            id,
            notified: [],
            posting: [],
            unreachable: [],
            shown: null,
            isNotified: false,
            closed: null,
          };
          this.reviews = [review, ...this.reviews];
          return review;
        },
        change: async (id, change) => {
          this.reviews = this.reviews.map((each) => (each.id === id ? change(each) : each));
          return this.reviews.find((each) => each.id === id) ?? null;
        },
      },
      watch: () => null,
      isStopping: () => false,
    };
  }

  #bug(error: unknown): void {
    this.bugs.push(error);
  }
  readonly bugs: unknown[] = [];
}
