import { describe, expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import { commandOf } from "../../src/core/step.ts";
import { etcHosts } from "../../src/host/hostname.ts";
import { readOsRelease } from "../../src/host/os-release.ts";
import { addressesOf } from "../../src/prepare/addresses.ts";
import { hostnameDifference, hostnameReasons } from "../../src/prepare/hostname.ts";
import { hostsFileDifference } from "../../src/prepare/hosts-file.ts";
import { lockServiceDifferences, lockServiceReasons, sanlockConfDifference } from "../../src/prepare/lock-services.ts";
import { familyOn, managerOn, packageDifference } from "../../src/prepare/needed-packages.ts";

const host = (name: string, address: string): Host => ({
  uuid: "7c9e6679742540de944be07fc1f90ae7",
  name,
  clusterUuid: "7c9e6679742540de944be07fc1f90ae8",
  address,
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: null,
});
const os = (text: string) => readOsRelease.parse({ stdout: text, stderr: "", exitCode: 0 });
const rocky9 = os('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n');
const centos7 = os('ID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n');
const debian12 = os('ID=debian\nVERSION_ID="12"\n');

describe("the address of a host for the others", () => {
  const of = (address: string, own: string[] | null, keep: { address: string; name: string }[] = []) =>
    addressesOf([{ host: host("a", address), own }], keep);

  it("is the registered one, with any other addresses of the host", () => {
    expect(of("172.20.11.107", ["10.0.0.1", "10.0.0.2"]).entries).toEqual([{ address: "172.20.11.107", name: "a" }]);
    expect(of("fd00::7", null).entries).toEqual([{ address: "fd00::7", name: "a" }]);
  });

  it.each(["127.0.0.1", "::1", "a.example.com"])("is the host's only one if %s is registered", (address) => {
    expect(of(address, ["172.20.11.107", "fd00::7"]).entries).toEqual([{ address: "172.20.11.107", name: "a" }]);
    expect(of(address, ["fd00::7"]).entries).toEqual([{ address: "fd00::7", name: "a" }]);
  });

  it("is not guessed if there are several, or none", () => {
    expect(of("127.0.0.1", ["172.20.11.107", "192.168.122.1"])).toEqual({
      entries: [],
      without: [expect.stringMatching(/^a: .*several of its own \(172\.20\.11\.107, 192\.168\.122\.1\)/)],
    });
    expect(of("127.0.0.1", []).without).toEqual([expect.stringContaining("no address of its own")]);
  });

  it("stays the one in the block while the host does not answer", () => {
    const keep = [{ address: "172.20.11.107", name: "a" }];
    expect(of("127.0.0.1", null, keep).entries).toEqual(keep);
    expect(of("127.0.0.1", null).without).toEqual([expect.stringContaining("did not report")]);
  });

  it("stays the one in the block if the host has another one too", () => {
    const keep = [{ address: "172.20.11.107", name: "a" }];
    expect(of("127.0.0.1", ["172.20.11.107", "192.168.122.1"], keep).entries).toEqual(keep);
    expect(of("127.0.0.1", ["10.0.0.7", "192.168.122.1"], keep).entries).toEqual([]);
  });

  it("is not used if several hosts have the same", () => {
    const both = ["a", "b"].map((name) => ({ host: host(name, "127.0.0.1"), own: ["10.0.2.15"] }));
    expect(addressesOf(both, [])).toEqual({
      entries: [],
      without: ["a: b has 10.0.2.15 too", "b: a has 10.0.2.15 too"],
    });
    const three = ["a", "b", "c"].map((name) => ({ host: host(name, "127.0.0.1"), own: ["10.0.2.15"] }));
    expect(addressesOf(three, []).without[0]).toBe("a: b, c have 10.0.2.15 too");
  });
});

describe("the block in /etc/hosts", () => {
  const entries = [{ address: "172.20.11.107", name: "a" }];
  const outside = "127.0.0.1\tlocalhost\n";
  const differs = (text: string | null, wanted: readonly { address: string; name: string }[]) =>
    hostsFileDifference(host("a", ""), { path: "/etc/hosts", realPath: "/etc/hosts", text }, wanted);

  it("is removed if no address of the cluster is certain any more", () => {
    const [gone, ...more] = differs(etcHosts(outside, entries), []);
    expect(gone).toMatchObject({ now: "172.20.11.107 a", wanted: "no block of ours: no address is certain" });
    expect(gone?.steps.map((step) => commandOf(step).stdin).filter((text) => text !== undefined)).toEqual([outside]);
    expect(more).toEqual([]);
  });

  it("is then not needed", () => {
    for (const text of [null, "", outside]) expect(differs(text, [])).toEqual([]);
  });
});

describe("a hostname", () => {
  it("differs also if it would change only at the next boot", () => {
    expect(hostnameDifference(host("a", "1.2.3.4"), "a", "# comment\na\n")).toEqual([]);
    expect(hostnameDifference(host("a", "1.2.3.4"), "a", "b\n")[0]?.now).toBe("a, at boot b");
    expect(hostnameDifference(host("a", "1.2.3.4"), "a", null)[0]?.now).toBe("a, at boot none");
  });

  it("is refused if no host can have it", () => {
    expect(hostnameReasons(host("sharedblock-host1.example.com", ""))).toEqual([]);
    expect(hostnameReasons(host("host_1", ""))).toEqual([
      expect.objectContaining({ text: expect.stringContaining("host_1 can't be a hostname") }),
    ]);
    expect(hostnameReasons(host("host-", ""))).toHaveLength(1);
  });
});

describe("packages and services by family", () => {
  const argvOf = (release: typeof rocky9) =>
    packageDifference(host("a", ""), managerOn(release, []), ["sanlock"]).steps.map((step) =>
      commandOf(step).argv.join(" "),
    );

  it("installs with the release's package manager", () => {
    expect(argvOf(rocky9)[0]).toBe("dnf --assumeyes install sanlock");
    expect(argvOf(centos7)[0]).toBe("yum --assumeyes install sanlock");
    expect(argvOf(os('ID="alinux"\nVERSION_ID="2.1903"\n'))[0]).toMatch(/^yum /);
    expect(argvOf(debian12).slice(0, 3)).toEqual([
      expect.stringMatching(/^apt-get .* update$/),
      "env DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a",
      expect.stringMatching(/^env DEBIAN_FRONTEND=noninteractive apt-get .* install sanlock$/),
    ]);
  });

  it("enables LVM's lock daemon by the unit name in its package", () => {
    const coming = { missing: ["sanlock", "lvm2-lockd"], install: true };
    const steps = lockServiceDifferences(host("a", ""), [], coming).flatMap((each) => each.steps);
    expect(steps.map((step) => commandOf(step).argv.join(" "))).toEqual([
      "systemctl enable --now -- sanlock.service",
      "systemctl enable --now -- lvmlockd.service",
      "systemctl enable --now -- lvm2-lvmlockd.service",
      expect.stringContaining("systemctl show"),
    ]);
    const unit = (name: string, state: string) => ({
      stdout: `Id=${name}\nLoadState=${state}\nActiveState=inactive\nUnitFileState=\n`,
      ...{ stderr: "", exitCode: 0 },
    });
    const [, first] = steps;
    if (first === undefined || !("skipIf" in first) || first.skipIf === undefined) return never();
    expect(first.skipIf.condition.parse(unit("lvmlockd.service", "not-found"))).toBe(true);
    expect(first.skipIf.condition.parse(unit("lvmlockd.service", "loaded"))).toBe(false);
  });

  it("follows the distribution's name, then the existing package manager", () => {
    const family = (text: string, managers: Parameters<typeof familyOn>[1]) => familyOn(os(text), managers);
    expect(family('ID="openEuler"\n', ["dnf", "yum"])).toBe("rhel");
    expect(family('ID="helixos"\n', ["yum"])).toBe("rhel");
    expect(family('ID="kylin"\n', ["apt-get"])).toBe("debian");
    expect(family('ID="kylin"\nID_LIKE="debian"\n', ["apt-get"])).toBe("debian");
    expect(family('ID="uos"\n', ["dnf"])).toBe("rhel");
    expect(family('ID="mylinux"\n', ["zypper"])).toBe("suse");
    expect(family('ID="sles"\nID_LIKE="suse"\n', ["zypper"])).toBe("suse");
    expect(family('ID="arch"\n', [])).toBe("other");
    expect(managerOn(os('ID="kylin"\nVERSION_ID="V10"\n'), ["yum"])).toBe("yum");
  });

  it("starts existing services, and shows those that wait for a package", () => {
    const sanlock = [{ name: "sanlock.service", loaded: true, active: false, enabled: false }];
    const without = { missing: ["lvm2-lockd"], install: false };
    const [now, later, ...more] = lockServiceDifferences(host("a", ""), sanlock, without);
    expect(more).toEqual([]);
    expect(now).toMatchObject({ now: "off: sanlock.service", wanted: "running, now and at boot" });
    expect(now?.steps.map((step) => commandOf(step).argv.join(" "))).toEqual([
      "systemctl enable --now -- sanlock.service",
      expect.stringContaining("systemctl show"),
    ]);
    expect(later).toMatchObject({ now: "missing without their packages: lvmlockd.service", steps: [] });
    expect(later?.wanted).toMatch(/once the packages are installed$/);
  });

  it("does not change the settings of a running sanlock, enabled at boot or not", () => {
    const sanlock = (active: boolean, enabled: boolean) => [{ name: "sanlock.service", loaded: true, active, enabled }];
    const conf = { path: "/etc/sanlock/sanlock.conf", realPath: "/etc/sanlock/sanlock.conf" };
    const of = (active: boolean, enabled: boolean) =>
      sanlockConfDifference(host("a", ""), { ...conf, text: null }, sanlock(active, enabled));
    expect(of(true, false)).toEqual([]);
    expect(of(true, true)).toEqual([]);
    expect(of(false, true)).toHaveLength(1);
    expect(of(false, false)).toHaveLength(1);
  });

  it("reports a missing unit of an installed package", () => {
    const unit = (name: string, loaded: boolean) => ({ name, loaded, active: false, enabled: false });
    const masked = [unit("sanlock.service", false), unit("lvmlockd.service", true)];
    expect(lockServiceReasons(host("a", ""), [], masked)).toEqual([
      expect.objectContaining({ text: expect.stringContaining("no sanlock.service") }),
    ]);
    expect(lockServiceReasons(host("a", ""), ["sanlock"], masked)).toEqual([]);
    expect(lockServiceReasons(host("a", ""), ["sanlock"], [])).toEqual([
      expect.objectContaining({ text: expect.stringContaining("no lvmlockd.service") }),
    ]);
  });
});

function never(): never {
  throw new Error("there is no such step");
}
