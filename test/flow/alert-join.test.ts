import { beforeEach, describe, expect, it } from "vitest";
import type { Incident } from "../../src/core/incident.ts";
import { AlertJoin } from "../../src/flow/alert-join.ts";
import type { OutsideAlert } from "../../src/watch/outside-alert.ts";
import { incident } from "../monitoring/measured-sample.ts";
import { inventory } from "../watch/watched-host.ts";

/** A LUN that hosts show, and that no storage has. */
const OBSERVED = "36f011af000d5c3e70000166e5ab82173";
const HOUR_MS = 3_600_000;
let incidents: Incident[] = [];
let nowMs = 0;
let join: AlertJoin;
const failures: string[] = [];
let revises = async (id: string, change: (incident: Incident) => Incident): Promise<Incident | null> => {
  incidents = incidents.map((each) => (each.id === id ? change(each) : each));
  join.changed();
  return null;
};
const usual = revises;

beforeEach(() => {
  [incidents, nowMs, failures.length, revises] = [[], 0, 0, usual];
  join = new AlertJoin({
    desk: { incidents: () => incidents, revise: (id, change) => revises(id, change) },
    inventory: () => inventory,
    wwids: () => [OBSERVED],
    nowMs: () => nowMs,
    failed: (doing) => void failures.push(doing),
  });
});

const alert = (fingerprint: string, isFiring = true, host = "host1"): OutsideAlert => ({
  fingerprint,
  name: `N${fingerprint}`,
  isFiring,
  labels: { host },
  summary: null,
});
/** An incident about host1 is reported, and what waits is joined. */
async function begins(): Promise<string[]> {
  incidents = [incident()];
  join.changed();
  await join.take([]);
  return incidents.flatMap(({ events }) => events.map(({ text }) => text));
}

describe("an alert about a host without an incident", () => {
  it("waits for one, and is joined to it once", async () => {
    expect(await join.take([alert("1"), alert("2", true, "elsewhere")])).toEqual({ joined: 0, waiting: 1 });
    expect(await begins()).toEqual(['"N1" on host1 fires']);
    expect(await begins()).toEqual([]); // another incident: the alert does not wait any more
  });

  it("is joined to an incident that is not reported yet once it is", async () => {
    incidents = [incident({ state: "pending", openedAt: null })];
    expect(await join.take([alert("1")])).toEqual({ joined: 0, waiting: 1 });
    expect(await begins()).toEqual(['"N1" on host1 fires']);
  });

  it("waits too if it is about a LUN that hosts show", async () => {
    const labels = { wwid: OBSERVED };
    expect(await join.take([{ ...alert("1"), labels }])).toEqual({ joined: 0, waiting: 1 });
    expect(await join.take([{ ...alert("2"), labels: { wwid: `${OBSERVED}0` } }])).toEqual({ joined: 0, waiting: 0 });
  });

  it("is joined too if an incident about another host gets a finding on its host", async () => {
    const [finding] = incident().findings;
    if (finding === undefined) throw new Error("it has a finding");
    const other = { ...finding, key: "other", hostUuid: "of another host", wwid: null };
    incidents = [incident({ findings: [other] })];
    await join.take([alert("1")]);
    join.changed();
    await join.take([]);
    expect(incidents[0]?.events).toEqual([]);
    incidents = incidents.map((each) => ({ ...each, findings: [finding] }));
    join.changed();
    await join.take([]);
    expect(incidents[0]?.events).toHaveLength(1);
  });

  it("does not wait after its end", async () => {
    await join.take([alert("1"), alert("2")]);
    expect(await join.take([alert("1", false)])).toEqual({ joined: 0, waiting: 0 });
    expect(await begins()).toEqual(['"N2" on host1 fires']);
  });

  it("waits 24 hours after it was last sent", async () => {
    await join.take([alert("1"), alert("2")]);
    nowMs += 23 * HOUR_MS;
    await join.take([alert("2")]);
    nowMs += 2 * HOUR_MS;
    expect(await begins()).toEqual(['"N2" on host1 fires']);
  });

  it("waits with at most 1,000 others, the latest", async () => {
    for (let message = 0; message < 10; message++)
      await join.take(Array.from({ length: 200 }, (_, index) => alert(String(message * 200 + index))));
    const texts = await begins();
    expect(texts).toHaveLength(50);
    expect(texts[0]).toBe('"N1000" on host1 fires');
  });

  it("waits again if it can't be written, and the failure is logged", async () => {
    await join.take([alert("1")]);
    revises = () => Promise.reject(new Error("ENOSPC"));
    await begins();
    expect(failures).toEqual(["joining alerts to an incident"]);
    revises = usual;
    expect(await begins()).toEqual(['"N1" on host1 fires']);
  });
});

it("two messages at once with the same alert are one event", async () => {
  incidents = [incident()];
  await Promise.all([join.take([alert("1")]), join.take([alert("1")])]);
  expect(incidents[0]?.events).toHaveLength(1);
});
