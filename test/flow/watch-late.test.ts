import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 2, ports: 2 };
const onFirstPath = ({ host, lun, port }: { host: number; lun: number; port: number }) =>
  host === 1 && lun === 1 && port === 1;

describe("a daemon that does not answer", () => {
  it.each([
    ["sanlock", "its leases are not known to be renewed"],
    ["lvmlockd", "no volume can be locked or unlocked there"],
    ["multipathd", "its paths are not known to work"],
    ["systemd", "its services are not known to run"],
  ] as const)("is one incident: %s", async (daemon, effect) => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.suspends(1, daemon);
    await san.passes(60);
    expect(san.titles).toEqual([`inc-1: ${daemon} does not answer on host2: ${effect}`]);
    if (daemon !== "sanlock") expect(san.incident("inc-1").severity).toBe("warning");
    san.suspends(1, daemon, false);
    await san.passes(100);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
    expect(san.errors).toEqual([]);
  });

  it("is no incident if it answers when it is asked again", async () => {
    const san = await new WatchedSan(SIZES, { ...usualSettings, everyMs: 30_000 }).starts();
    for (const daemon of ["sanlock", "lvmlockd", "multipathd", "systemd"] as const) {
      await san.passes(29);
      san.suspends(1, daemon);
      await san.passes(3.5);
      san.suspends(1, daemon, false);
      await san.passes(60);
    }
    expect(san.desk.incidents).toEqual([]);
  });

  it("delays no other finding of its host", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.suspends(1, "sanlock");
    await san.passes(60);
    expect(san.titles.length).toBe(1);
    const before = Date.now();
    san.sets(false, onFirstPath);
    await san.passes(1);
    expect(san.desk.incidents.map(({ findings }) => findings[0]?.kind)).toContain("path failed");
    expect(Date.now() - before).toBe(1_000);
    await san.passes(60);
    expect(san.titles).toEqual([
      expect.stringContaining("inc-1: sanlock does not answer on host2"),
      expect.stringMatching(/^inc-2: Path sd1x1 of LUN …\d+ on host2 through 0x5001: failed faulty$/),
    ]);
  });

  it("is critical if others see that its host does not renew its lease, and that is the same incident", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.suspends(1, "sanlock");
    await vi.waitUntil(() => san.titles.length === 1, { timeout: 60_000, interval: 500 });
    expect(san.incident("inc-1").findings[0]?.severity).toBe("warning");
    await san.passes(60);
    expect(san.titles.length).toBe(1);
    const { severity, findings } = san.incident("inc-1");
    expect(severity).toBe("critical");
    expect(findings.map(({ text }) => text.replace(/\d+ s/, "N s"))).toEqual([
      "sanlock does not answer on host2: its leases are not known to be renewed",
      "host2 does not renew its sanlock lease for ps-1: others see it unchanged for N s",
    ]);
    await san.passes(120);
    expect(
      san
        .incident("inc-1")
        .findings.map(({ text }) => text)
        .join(),
    ).toContain("for sanlock host2 is dead in ps-1");
    expect([...san.messages.values()][0]).toContain("At risk: ps-1.");
    expect(san.titles.length).toBe(1);
    san.suspends(1, "sanlock", false);
    await san.passes(100);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
  });

  it("loses no path if the kernel does not say which portal an adapter is for", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.failing.set("1 sessions", "find: Input/output error");
    await san.passes(300);
    expect(san.desk.incidents.map(({ findings }) => findings.map(({ kind }) => kind))).toEqual([
      ["answer not readable"],
    ]);
  });
});
