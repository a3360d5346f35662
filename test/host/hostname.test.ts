import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import { etcHosts, managedEntries, otherEntries } from "../../src/host/hostname.ts";

const two = [
  { address: "172.20.11.107", name: "sharedblock-host1" },
  { address: "172.20.11.244", name: "sharedblock-host2" },
];

describe("/etc/hosts with the cluster's hosts", () => {
  it("keeps every byte before and after the block", () => {
    const [head, tail] = ["127.0.0.1\tlocalhost\n\n  # own   line\n", "::1 ip6-localhost\n10.0.0.1 x y # z\n"];
    const first = etcHosts(head, two);
    expect(first.startsWith(head)).toBe(true);
    const later = etcHosts(first + tail, [...two, { address: "172.20.12.241", name: "sharedblock-host3" }]);
    expect(later.startsWith(head)).toBe(true);
    expect(later.endsWith(tail)).toBe(true);
    expect(managedEntries(later).map(({ name }) => name)).toEqual([
      "sharedblock-host1",
      "sharedblock-host2",
      "sharedblock-host3",
    ]);
    expect(otherEntries(later)).toEqual([
      { address: "127.0.0.1", name: "localhost" },
      { address: "::1", name: "ip6-localhost" },
      { address: "10.0.0.1", name: "x" },
      { address: "10.0.0.1", name: "y" },
    ]);
  });

  it("don't change at a second run, with any last line and any line ends", () => {
    for (const before of [null, "", "127.0.0.1 localhost", "127.0.0.1 localhost\r\n"]) {
      const once = etcHosts(before, two);
      expect(etcHosts(once, two)).toBe(once);
      expect(managedEntries(once)).toEqual(two);
    }
    expect(etcHosts("127.0.0.1 localhost\r\n", two).replaceAll("\r\n", "")).not.toContain("\n");
  });

  it("is refused with the line numbers if the markers are damaged", () => {
    const once = etcHosts("127.0.0.1 localhost\n", two);
    const [, begin = "", , , end = ""] = once.split("\n");
    for (const broken of [
      once.replace(`${end}\n`, ""),
      once.replace(`${begin}\n`, ""),
      once + once,
      `${end}\n${begin}\n`,
    ]) {
      expect(() => etcHosts(broken, two)).toThrow(Refusal);
      expect(() => etcHosts(broken, two)).toThrow(/marks of the bot's block are damaged \(line \d/);
    }
  });
});
