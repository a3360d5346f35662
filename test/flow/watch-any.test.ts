import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { withEvent } from "../../src/watch/event-log.ts";
import { allFindings } from "../../src/watch/incident-text.ts";
import { eventCount } from "../../src/watch/thread-events.ts";
import { beginsVirtualTime, type Post, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 2, luns: 2, ports: 2 };
const bit = fc.integer({ min: 0, max: 1 });
const step = fc.record({
  what: fc.constantFrom("paths fail", "paths work", "off", "on", "kill", "note", "nothing"),
  host: bit,
  lun: fc.option(bit),
  port: fc.option(bit),
  afterS: fc.integer({ min: 0, max: 90 }),
});

/** A thread's posts after its end, until the incident comes back. */
function postsAfterEnd(posts: readonly Post[]): string[] {
  const over = new Set<string>();
  return posts.flatMap(({ place, text }) => {
    const [id = ""] = /inc-\d+/.exec(text) ?? [];
    const isBack = /back|flapping/i.test(text);
    const wrong = over.has(id) && !isBack ? [`${place}: ${text}`] : [];
    if (/: resolved|: part of/.test(text.split("\n")[0] ?? "")) over.add(id);
    else over.delete(id);
    return wrong;
  });
}

/** Each map that lacks paths is shown as it is, in each incident with a path of it; without a path one is critical. */
function untrueOf(san: WatchedSan): string[] {
  const open = san.desk.incidents.filter(({ state }) => state === "open");
  return san.inventory.hosts.flatMap(({ uuid }, host) =>
    [0, 1].flatMap((lun) => {
      const left = san.pathsLeft(host, lun);
      if (left === null || left === SIZES.ports) return [];
      const isOf = (each: { hostUuid: string | null; wwid: string | null }) =>
        each.hostUuid === uuid && each.wwid === san.wwid(lun);
      const having = open.filter(({ findings }) => findings.some((each) => each.kind === "path failed" && isOf(each)));
      const shown = having.map((incident) =>
        allFindings(incident).find((each) => each.pathsLeft !== undefined && isOf(each)),
      );
      const isRight = shown.length > 0 && shown.every((each) => each?.pathsLeft === left);
      const isCalled = left > 0 || lun > 0 || having.some(({ severity }) => severity === "critical");
      return isRight && isCalled
        ? []
        : [`host ${host} LUN ${lun}: ${left}, ${having.map(({ id, severity }) => `${id} ${severity}`)}`];
    }),
  );
}
/** A person notes something on the latest incident, also after its end. */
async function notes(san: WatchedSan): Promise<void> {
  const incident = san.desk.incidents.findLast(({ openedAt }) => openedAt !== null);
  const at = new Date().toISOString();
  if (incident !== undefined)
    await san.watch.revise(incident.id, (each) => withEvent(each, { at, kind: "note", by: "U1", text: "the switch" }));
}

/** By then each path has lasted, and each host was observed. */
const SETTLED_S = 45;

it("any faults, with the bot killed at any time, are reported once each, and each report ends", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      vi.setSystemTime(Date.parse("2026-11-29T10:00:00.000Z"));
      const san = await new WatchedSan(SIZES).starts();
      await san.passes(10);
      for (const { what, host, lun, port, afterS } of steps) {
        const chosen = (path: { host: number; lun: number; port: number }) =>
          path.host === host && (lun === null || path.lun === lun) && (port === null || path.port === port);
        if (what.startsWith("paths")) san.sets(what === "paths work", chosen);
        if (what === "off") san.powers(host, false);
        if (what === "on") san.powers(host, true);
        if (what === "kill") san.kill();
        if (what === "note") await notes(san);
        await san.passes(afterS);
        if (what === "kill") await san.starts();
        const open = san.desk.incidents.filter(({ state }) => state === "open");
        const scopes = open.map(({ scope }) => `${scope.kind} ${scope.id}`);
        expect(new Set(scopes).size).toBe(scopes.length);
        if (afterS >= SETTLED_S && what !== "kill") expect(untrueOf(san)).toEqual([]);
      }
      san.sets(true, () => true);
      for (const host of [0, 1]) {
        san.powers(host, true);
        san.locks(host, true);
      }
      await san.passes(300);
      const left = san.desk.incidents.filter(({ state, quietAt }) => state !== "resolved" && quietAt === null);
      expect(left.map(({ id, state, findings }) => `${id} ${state} ${findings[0]?.text}`)).toEqual([]);
      const reported = san.desk.incidents.filter(({ openedAt }) => openedAt !== null);
      const begun = san.posts.filter(({ place }) => place === "C1").map(({ text }) => text.split(":")[0]);
      expect(new Set(begun).size).toBe(begun.length);
      for (const { id } of reported) expect(begun).toContain(id);
      for (const post of san.desk.posts) {
        const incident = reported.find(({ id }) => id === post.incidentId);
        expect(incident && post.toldEvents).toBe(incident && eventCount(incident));
      }
      expect(postsAfterEnd(san.posts)).toEqual([]);
      expect(san.errors).toEqual([]);
      san.kill();
    }),
    { numRuns: 15 },
  );
});
