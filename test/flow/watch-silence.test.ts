import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Daemon } from "../../src/watch/daemons.ts";
import { beginsVirtualTime, resolves, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 2, ports: 2 };
const onePath = ({ host, lun, port }: { host: number; lun: number; port: number }) =>
  host === 0 && lun === 1 && port === 0;
const otherLun = ({ host, lun }: { host: number; lun: number }) => host === 0 && lun === 0;
const states = (san: WatchedSan) => san.desk.incidents.map(({ id, state }) => `${id} ${state}`);

/** The host is silent. Until it answers it loses its lockspaces. */
async function isSilent(san: WatchedSan, silentS: number, hosts = [0], joins = true): Promise<void> {
  for (const host of hosts) san.powers(host, false);
  await san.passes(silentS);
  for (const host of hosts) {
    san.powers(host, true);
    san.locks(host, joins);
  }
}

/** The bot is killed, and starts again while the host is silent. */
async function restartsInSilence(san: WatchedSan, ...silence: [silentS: number, hosts?: number[], joins?: boolean]) {
  san.kill();
  const isOver = isSilent(san, ...silence);
  await san.starts();
  await isOver;
}

/** What breaks, and how it works again. Each has one incident, or several. */
const faults: Readonly<Record<string, readonly [breaks: (san: WatchedSan) => void, works: (san: WatchedSan) => void]>> =
  {
    "a path": [(san) => san.sets(false, onePath), (san) => san.sets(true, onePath)],
    "a LUN without paths": [(san) => san.sets(false, otherLun), (san) => san.sets(true, otherLun)],
    "a service": [(san) => san.stopped.add("0 multipathd.service"), (san) => san.stopped.clear()],
    ...Object.fromEntries(
      (["multipathd", "sanlock", "lvmlockd"] as const).map((daemon: Daemon) => [
        `${daemon} without answer`,
        [(san: WatchedSan) => san.suspends(0, daemon), (san: WatchedSan) => san.suspends(0, daemon, false)],
      ]),
    ),
    "a lockspace": [(san) => san.locks(0, false), (san) => san.locks(0, true)],
    "paths that can't be read": [
      (san) => san.failing.set("0 paths", "no answer that can be read"),
      (san) => san.failing.clear(),
    ],
  };

describe("what failed before a silence is no part of what it left, also if the bot was restarted during it", () => {
  const silences = { "the bot runs": isSilent, "the bot is restarted": restartsInSilence };
  const cases = Object.entries(faults).flatMap(([fault, does]) =>
    Object.entries(silences).map(([bot, silence]) => [fault, bot, does, silence] as const),
  );
  it.each(cases)("%s, and %s", async (fault, _, [breaks, works], goesSilent) => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    breaks(san);
    await san.passes(120);
    const before = states(san);
    expect(before).toContainEqual("inc-1 open");
    await goesSilent(san, 300, [0], fault !== "a lockspace");
    await san.passes(300);
    const silence = san.desk.incidents.filter(({ scope }) => scope.id.startsWith("reach"));
    expect(silence.map(({ state }) => state)).toEqual(["resolved"]);
    expect(states(san).filter((state) => before.includes(state))).toEqual(before);
    expect(san.posts.filter(({ text }) => text.includes("answers again"))).toEqual([]);
    works(san);
    await san.passes(300);
    expect(states(san).filter((state) => !state.endsWith("resolved"))).toEqual([]);
    expect(san.errors).toEqual([]);
  });

  it("a silence of one observation is not reported", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, onePath);
    await san.passes(60);
    await restartsInSilence(san, 5, [0, 1, 2]);
    await san.passes(300);
    expect(states(san).filter((state) => !state.endsWith("pending"))).toEqual(["inc-1 open"]);
    expect(san.posts.map(({ text }) => text.split("\n")[0])).toEqual([expect.stringMatching(/^inc-1: /)]);
  });

  it("of all hosts, too: the bot lost its network and was restarted without it", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, ({ lun, port }) => lun === 1 && port === 0);
    await san.passes(60);
    expect(states(san)).toEqual(["inc-1 open"]);
    await restartsInSilence(san, 300, [0, 1, 2]);
    await san.passes(300);
    const open = san.desk.incidents.filter(({ openedAt }) => openedAt !== null);
    expect(open.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 open", "inc-2 resolved"]);
    expect(san.posts.filter(({ text }) => text.includes("answers again"))).toEqual([]);
  });

  it("what a person resolved stays resolved", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, onePath);
    await san.passes(60);
    await resolves(san, "inc-1");
    await restartsInSilence(san, 300);
    await san.passes(300);
    expect(states(san)).toEqual(["inc-1 resolved", "inc-2 resolved"]);
  });

  it.each(Object.entries(silences))(
    "a silence during a pause is not reported after it, and %s",
    async (_, goesSilent) => {
      const san = await new WatchedSan(SIZES).starts();
      await san.passes(30);
      const until = new Date(Date.now() + 1_200_000).toISOString();
      await san.watch.pause({ clusterUuid: san.inventory.clusters[0]?.uuid ?? "", by: "U1", until, reason: "repair" });
      san.sets(false, onePath);
      await san.passes(120);
      await goesSilent(san, 300);
      san.sets(false, otherLun);
      await san.passes(1_200);
      expect(states(san)).toEqual(["inc-1 open", "inc-2 open"]);
      expect(san.titles.filter((title) => title.includes("host1 was silent"))).toEqual([]);
      expect(san.errors).toEqual([]);
    },
  );

  it("what worked before the silence is a part of it until it works again, also after two restarts", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, onePath);
    await san.passes(60);
    san.kill();
    san.sets(false, otherLun);
    await restartsInSilence(san, 300);
    await san.passes(60);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 open"]);
    await restartsInSilence(san, 300);
    await san.passes(60);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 open"]);
    san.sets(true, otherLun);
    await san.passes(120);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 resolved"]);
  });

  it("of a host that nobody observed before, nothing is left of a silence: what fails has an incident of its own", async () => {
    const san = new WatchedSan(SIZES);
    san.powers(0, false);
    san.sets(false, onePath);
    await san.starts();
    await san.passes(120);
    expect(states(san)).toEqual(["inc-1 open"]);
    san.powers(0, true);
    san.locks(0, true);
    await san.passes(300);
    expect(states(san)).toEqual(["inc-1 resolved", "inc-2 open"]);
  });
});
