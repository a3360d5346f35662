import { expect, it } from "vitest";
import { isBareWwid, wwidNamed } from "../../../src/storage/checks/resolve.ts";

const wwid = "36b083fe000daf018000015505abbe00a";

it.each([
  [wwid, wwid],
  [`scsi-${wwid}`, wwid],
  [`wwn-0x${wwid.slice(1)}`, wwid],
  [`dm-uuid-mpath-${wwid}`, wwid],
  [`/dev/disk/by-id/scsi-${wwid}`, wwid],
  ["nvme-uuid.1f2e", "uuid.1f2e"],
])("%s, which no host sees any more, is %s", (name, meant) => {
  expect(wwidNamed(name, [], [])).toBe(meant);
});

it("a WWID needs no host to be known", () => {
  expect(isBareWwid(wwid)).toBe(true);
  expect(isBareWwid("SATA_disk-1")).toBe(true);
  expect(isBareWwid(`scsi-${wwid}`)).toBe(false);
  expect(isBareWwid(`/dev/disk/by-id/${wwid}`)).toBe(false);
});
