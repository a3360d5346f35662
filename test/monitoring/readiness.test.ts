import { describe, expect, it } from "vitest";
import { notReady } from "../../src/monitoring/readiness.ts";
import { inventory, sample } from "../watch/watched-host.ts";
import { hostWatch, measured, NOW_MS } from "./measured-sample.ts";

const watch = (...hosts: readonly ReturnType<typeof hostWatch>[]) => ({
  watch: { hosts, incidents: [], uses: [], everyMs: 30_000 },
});
const observed = (host: 1 | 2, secondsAgo: number) => hostWatch(sample(host, { atMs: NOW_MS - secondsAgo * 1000 }));
const [, second] = inventory.hosts.map(({ uuid }) => uuid);

describe("the bot is ready", () => {
  it("if it is connected, its log can be written and all hosts were observed", () => {
    expect(notReady(measured())).toEqual([]);
    expect(notReady(measured({ watch: null }))).toEqual([]);
  });
  it("if a host does not answer and was asked lately: it is known to be down", () => {
    const silent = hostWatch({ hostUuid: second ?? "", atMs: NOW_MS - 1_000, silence: "no route to host" });
    expect(notReady(measured(watch(observed(1, 1), silent)))).toEqual([]);
  });
  it.each([
    ["no connection is open", { slack: [{ helloAtMs: NOW_MS, isOpen: false }] }, "Slack: no connection is open"],
    ["the log can't be written", { logProblem: "ENOSPC" }, "audit log: ENOSPC"],
    [
      "a host was not observed lately",
      watch(observed(1, 121), observed(2, 120)),
      "host host1: observed 121 s ago, limit 120 s",
    ],
    [
      "a host that does not answer was not asked lately",
      watch(observed(1, 1), hostWatch({ hostUuid: second ?? "", atMs: NOW_MS - 200_000, silence: "x" })),
      "host host2: observed 200 s ago, limit 120 s",
    ],
    [
      "a host was never observed",
      watch(observed(1, 1), { ...observed(2, 1), observed: null }),
      "host host2: not observed yet, limit 120 s",
    ],
    [
      "paths of a host can't be read",
      watch(
        observed(1, 1),
        hostWatch(sample(2, { atMs: NOW_MS, notRead: [{ read: "paths", reason: "exit code 1", isAgain: true }] })),
      ),
      "host host2: paths can't be read: exit code 1",
    ],
    ["a host of the inventory is not watched", watch(observed(1, 1)), "host host2: not observed yet, limit 120 s"],
  ])("not if %s", (_, given, reason) => {
    expect(notReady(measured(given))).toEqual([reason]);
  });
  it("not if many hosts were not observed: five are named", () => {
    const hosts = inventory.hosts
      .slice(0, 1)
      .flatMap((host) => Array.from({ length: 8 }, (_, index) => ({ ...host, uuid: `${index}`, name: `h${index}` })));
    const reasons = notReady(measured({ inventory: { ...inventory, hosts } }));
    expect(reasons).toHaveLength(6);
    expect(reasons.at(-1)).toBe("3 more hosts: not observed lately");
  });
});
