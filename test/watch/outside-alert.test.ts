import { describe, expect, it } from "vitest";
import type { Incident } from "../../src/core/incident.ts";
import { alertEvents, type OutsideAlert } from "../../src/watch/outside-alert.ts";
import { incident } from "../monitoring/measured-sample.ts";
import { inventory as base, LUN, OTHER_LUN } from "./watched-host.ts";

/** host1 has 192.0.2.1 and host2 has fd00::2. */
const inventory = {
  ...base,
  hosts: base.hosts.map((host, index) => ({ ...host, address: index === 0 ? "192.0.2.1" : "fd00::2" })),
};
const [host1, host2] = inventory.hosts.map(({ uuid }) => uuid);

const alert = (labels: Readonly<Record<string, string>>, given: Partial<OutsideAlert> = {}): OutsideAlert => ({
  ...{ fingerprint: "f1", name: "NodeDown", isFiring: true, labels, summary: "does not answer" },
  ...given,
});
const about = (id: string, given: Partial<Incident["findings"][number]>, more: Partial<Incident> = {}): Incident => {
  const [finding] = incident().findings;
  if (finding === undefined) throw new Error("it has a finding");
  return incident({ id, findings: [{ ...finding, ...given }], ...more });
};
/** The texts by incident. */
function joinedTo(incidents: readonly Incident[], ...alerts: readonly OutsideAlert[]): Record<string, string[]> {
  const { events } = alertEvents(alerts, incidents, inventory, 0);
  return Object.fromEntries([...events].map(([id, all]) => [id, all.map(({ text }) => text)]));
}
const joining = (one: Incident, ...alerts: readonly OutsideAlert[]): Incident => {
  const added = alertEvents(alerts, [one], inventory, 0).events.get(one.id) ?? [];
  return { ...one, events: [...one.events, ...added] };
};

describe("an alert of another monitoring", () => {
  const one = about("inc-1", { hostUuid: host1 ?? "", wwid: LUN });

  it.each([
    { instance: "192.0.2.1:9100" },
    { instance: "192.0.2.1" },
    { host: "host1" },
    { nodename: "HOST1.example.org" },
    { instance: "host1.example.org:9100" },
    { device: "dm-3", wwid: LUN },
    { device: `/dev/mapper/${LUN}` },
    { disk: `/dev/disk/by-id/wwn-0x${LUN.slice(1)}` },
    { disk: `/dev/disk/by-id/dm-uuid-mpath-${LUN.toUpperCase()}` },
    { disk: `naa.${LUN.slice(1)}` },
  ])("with %j is joined to the incident about that host or LUN", (labels) => {
    expect(Object.keys(joinedTo([one], alert(labels as Record<string, string>)))).toEqual(["inc-1"]);
  });

  it("with an IPv6 address is joined", () => {
    const other = about("inc-2", { hostUuid: host2 ?? "" });
    for (const instance of ["[fd00::2]:9100", "fd00::2"])
      expect(Object.keys(joinedTo([one, other], alert({ instance })))).toEqual(["inc-2"]);
  });

  it.each([
    ["about another host", alert({ instance: "192.0.2.9:9100" })],
    ["about a host without an incident", alert({ host: "host2" })],
    ["about another LUN of the same host", alert({ host: "host1", wwid: "36b083fe000daf0180000155" })],
    ["that only has its name", alert({ alertname: "host1" })],
    ["without labels", alert({})],
    ["of the bot itself", alert({ host: "host1" }, { name: "SharedBlockIncident" })],
    ["of a rule about the bot", alert({ host: "host1" }, { name: "ZStackChatopsHostNotObserved" })],
    ["of the bot's heartbeat", alert({ host: "host1" }, { name: "ZStackChatopsHeartbeat" })],
  ])("%s is not joined", (title, given) => {
    // A LUN that the bot does not know is no subject. The host then is.
    const expected = title.startsWith("about another LUN") ? ["inc-1"] : [];
    expect(Object.keys(joinedTo([one], given))).toEqual(expected);
  });

  it("about a LUN is not joined to an incident about another LUN of its host", () => {
    const other = about("inc-2", { hostUuid: host1 ?? "", wwid: OTHER_LUN });
    const known = about("inc-3", { hostUuid: host2 ?? "", wwid: LUN }, { state: "resolved" });
    expect(joinedTo([other, known], alert({ host: "host1", wwid: LUN }))).toEqual({});
  });

  it("is joined to the incident about its LUN on its host, of several", () => {
    const elsewhere = about("inc-2", { hostUuid: host2 ?? "", wwid: LUN }, { severity: "critical" });
    expect(Object.keys(joinedTo([elsewhere, one], alert({ host: "host1", wwid: LUN })))).toEqual(["inc-1"]);
  });

  it("about a host with several incidents is joined to the worst, and of equal ones to the latest", () => {
    const worse = about(
      "inc-2",
      { hostUuid: host1 ?? "" },
      { severity: "critical", beganAt: "2026-11-29T01:00:00.000Z" },
    );
    const later = { ...worse, id: "inc-3", beganAt: "2026-11-29T02:00:00.000Z" };
    expect(Object.keys(joinedTo([one, worse], alert({ host: "host1" })))).toEqual(["inc-2"]);
    expect(Object.keys(joinedTo([worse, later], alert({ host: "host1" })))).toEqual(["inc-3"]);
    expect(Object.keys(joinedTo([later, worse], alert({ host: "host1" })))).toEqual(["inc-3"]);
  });

  it.each(["pending", "resolved"] as const)("is not joined to an incident that is %s", (state) => {
    expect(joinedTo([{ ...one, state }], alert({ host: "host1" }))).toEqual({});
  });

  it("is one line that quotes what others wrote, and is never longer than its limits", () => {
    const given = alert({ host: "host1", severity: "critical" }, { summary: 'is "down"\n*now* <!channel>' });
    expect(joinedTo([one], given)).toEqual({
      "inc-1": ['"NodeDown" on host1 fires ("critical"): "is \\"down\\"\\u000a*now* <!channel>"'],
    });
    const long = alert(
      { host: "host1", severity: "x".repeat(99) },
      { name: "x".repeat(999), summary: "x".repeat(9_999) },
    );
    expect(joinedTo([one], long)["inc-1"]?.[0]?.length).toBeLessThan(500);
  });

  it("is joined once, however often it is sent, and its end once", () => {
    const fires = alert({ host: "host1" });
    const ends = alert({ host: "host1" }, { isFiring: false });
    const fired = joining(one, fires, fires);
    expect(fired.events).toHaveLength(1);
    expect(joining(fired, alert({ host: "host1" }, { summary: "other words" })).events).toHaveLength(1);
    const ended = joining(fired, ends, ends);
    expect(ended.events.map(({ text }) => text)).toEqual([
      '"NodeDown" on host1 fires: "does not answer"',
      '"NodeDown" on host1 is resolved',
    ]);
    expect(joining(ended, fires).events).toHaveLength(3);
    expect(joining(ended, alert({ host: "host1" }, { fingerprint: "f2" })).events).toHaveLength(3);
  });

  it("that ends is not news if its beginning was not joined", () => {
    expect(joining(one, alert({ host: "host1" }, { isFiring: false })).events).toEqual([]);
  });

  it("is counted as joined even if it is no news, and 50 firing ones are kept with their ends", () => {
    const many = Array.from({ length: 60 }, (_, index) => alert({ host: "host1" }, { fingerprint: `f${index}` }));
    const fired = joining(one, ...many);
    expect(fired.events).toHaveLength(50);
    expect(alertEvents(many, [one], inventory, 0).joined).toHaveLength(60);
    expect(joining(fired, ...many.map((each) => ({ ...each, isFiring: false }))).events).toHaveLength(100);
  });

  it("about a known host or LUN without an incident may wait for one", () => {
    const [known, unknown] = [alert({ host: "host2" }), alert({ host: "elsewhere" })];
    const own = alert({ host: "host2" }, { name: "ZStackChatopsHostNotObserved" });
    expect(alertEvents([known, unknown, own], [one], inventory, 0).without).toEqual([known]);
  });
});
