import { describe, expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import { plainLines } from "../../src/core/reply.ts";
import { commandOf } from "../../src/core/step.ts";
import type { BlockDevice, MultipathMap } from "../../src/core/storage.ts";
import { blacklistIn, mapNaming, multipathConfig } from "../../src/host/multipath-settings.ts";
import { multipathDifferences } from "../../src/prepare/multipath.ts";
import { multipathReasons } from "../../src/prepare/multipath-conf.ts";
import type { MultipathObservation } from "../../src/prepare/multipath-observation.ts";
import { unmappedPart } from "../../src/prepare/unmapped-luns.ts";
import { viewWith } from "../../src/storage/observe/host-view.ts";

const WWID = "3600a098038304437415d4b6a59676d51";
const host: Host = {
  uuid: "7c9e6679742540de944be07fc1f90ae7",
  name: "host1",
  clusterUuid: "7c9e6679742540de944be07fc1f90ae8",
  address: "10.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: null,
};
/** Built into multipath-tools 0.9.4. */
const BUILT_IN =
  'devices {\n\tdevice {\n\t\tvendor "NETAPP"\n\t\tproduct "LUN"\n\t\tuser_friendly_names "no"\n\t}\n}\n';
const settingsOf = (text: string) => {
  const config = multipathConfig(BUILT_IN + text);
  return { findMultipaths: "on", naming: mapNaming(config), blacklist: blacklistIn(config), knowsOverrides: true };
};
const map: MultipathMap = {
  wwid: WWID,
  alias: null,
  dmName: "dm-0",
  vendor: "NETAPP",
  product: "LUN C-Mode",
  sizeBytes: null,
  paths: ["sdb", "sdc"].map((device) => ({
    hctl: "1:0:0:1",
    device,
    majorMinor: "8:16",
    dmState: "active",
    checkerState: "ready",
    deviceState: "running",
    group: 0,
  })),
};
const disk = (kernelName: string, of: Partial<BlockDevice> = {}): BlockDevice => ({
  name: kernelName,
  kernelName,
  majorMinor: "8:16",
  type: "disk",
  sizeBytes: 1024 ** 4,
  fileSystem: null,
  label: null,
  uuid: null,
  mountPoints: [],
  readOnly: false,
  logicalSectorBytes: 512,
  wwn: `0x${WWID.slice(1)}`,
  vendor: "NETAPP",
  model: "LUN C-Mode",
  hctl: "1:0:0:1",
  transport: "fc",
  children: [],
  ...of,
});

function look(conf: string, of: { maps?: MultipathMap[]; devices?: BlockDevice[] } = {}): MultipathObservation {
  const { maps = [], devices = [] } = of;
  const units = [{ name: "multipathd.service", loaded: true, active: true, enabled: true }];
  const at = "/etc/modules-load.d/zstack-chatops.conf";
  return {
    host,
    seen: {
      os: { id: "debian", family: "debian", version: "12", prettyName: "Debian 12" },
      conf,
      confAt: "/etc/multipath.conf",
      files: settingsOf(conf),
      units,
      managers: ["apt-get"],
      ids: [],
      devices,
      modules: ["dm_multipath", "dm_round_robin"],
      modulesAtBoot: "dm-multipath\ndm-round-robin\n",
      modulesAtBootAt: at,
    },
    settings: settingsOf(conf),
    view: viewWith(host, { maps, devices }),
  };
}

describe("the names of maps", () => {
  const conf = "defaults {\n\tfind_multipaths yes\n\tuser_friendly_names yes\n}\n";
  const written = (of: MultipathObservation) =>
    multipathDifferences(of, "friendly", "2026-11-22T12:00:00Z").flatMap(({ steps }) =>
      steps.flatMap((step) => commandOf(step).stdin ?? []),
    );

  it("are set in overrides if a built-in setting wins over the defaults", () => {
    expect(written(look(conf, { maps: [map] }))).toEqual([`${conf}overrides {\n\tuser_friendly_names yes\n}\n`]);
  });

  it("are set in a device section with the same vendor and product if multipath ignores overrides", () => {
    const old = look(conf, { maps: [map] });
    const files = { ...old.seen.files, knowsOverrides: false };
    expect(written({ ...old, seen: { ...old.seen, files } })).toEqual([
      `${conf}devices {\n\tdevice {\n\t\tvendor "NETAPP"\n\t\tproduct "LUN"\n\t\tuser_friendly_names yes\n\t}\n}\n`,
    ]);
  });

  it("don't change if no map of the host has a built-in setting", () => {
    expect(written(look(conf, { maps: [{ ...map, vendor: "DELL", alias: "mpatha" }] }))).toEqual([]);
  });
});

describe("a LUN that a host sees as plain disks", () => {
  const conf = (rest: string) => `defaults {\n\tfind_multipaths yes\n}\n${rest}`;
  const said = (text: string, devices: BlockDevice[], elsewhere: string[] = []) =>
    plainLines(unmappedPart([look(text, { devices })], new Set(elsewhere))).join("\n");
  const two = [disk("sdb"), disk("sdc")];

  it("is reported with the rule that hides its paths, and planned if one path remains", () => {
    expect(said(conf('blacklist {\n\tdevnode "^sd[b-z]"\n}\n'), two)).toMatch(
      /why=the blacklist holds devnode "\^sd\[b-z\]" · fix=1\. remove that from \/etc\/multipath\.conf.* · disks=sdb, sdc/,
    );
    const half = look(conf('blacklist {\n\tdevnode "^sdb$"\n}\n'), { devices: two });
    expect(multipathDifferences(half, null, "2026-11-22T12:00:00Z").map(({ what }) => what)).toEqual(["maps"]);
  });

  it("is left out by a whitelist, which stays: the missing exceptions are reported", () => {
    const byNode = `blacklist {\n\tdevnode ".*"\n}\nblacklist_exceptions {\n\tdevnode "^sdx$"\n}\n`;
    expect(said(conf(byNode), two)).toContain(
      'add devnode "^sdb$" and devnode "^sdc$" to blacklist_exceptions in /etc/multipath.conf on host1',
    );
    expect(multipathReasons(look(conf(byNode), { devices: two }))).toEqual([]);
    const byWwid = 'blacklist {\n\twwid .*\n}\nblacklist_exceptions {\n\twwid "3600144f028f88a0000005037a95d0001"\n}\n';
    expect(said(conf(byWwid), two)).toContain(`add wwid "${WWID}" to blacklist_exceptions`);
  });

  it("is reported with one path only if others may see it", () => {
    expect(said(conf(""), [disk("sdb")])).toMatch(/it has one path, and find_multipaths yes takes two/);
    expect(said(conf(""), [disk("sdb", { transport: "sas" })])).toBe("");
    expect(said(conf(""), [disk("sdb", { transport: "sas" })], [WWID])).toMatch(/it has one path/);
  });

  it("is reported if something uses one of its paths alone", () => {
    expect(said(conf(""), [disk("sdb", { mountPoints: ["/mnt"] }), disk("sdc")])).toMatch(
      /in use without a map: \/mnt · fix=1\. end that use on host1 2\./,
    );
  });
});
