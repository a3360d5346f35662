import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { volumeAt, volumeMapped } from "../../../src/storage/observe/storage-on-host.ts";

describe("a logical volume behind a disk's path", () => {
  /** LVM's names never begin or end with a dash. */
  const name = fc.stringMatching(/^[a-z0-9_.]([a-z0-9_.-]{0,6}[a-z0-9_.])?$/);
  const doubled = (text: string) => text.replaceAll("-", "--");

  it("is found by either of its names, with any dashes", () => {
    fc.assert(
      fc.property(name, name, (group, volume) => {
        fc.pre(group !== "mapper");
        expect(volumeMapped(`${doubled(group)}-${doubled(volume)}`, group)).toBe(volume);
        expect(volumeAt(`/dev/mapper/${doubled(group)}-${doubled(volume)}`, group)).toBe(volume);
        expect(volumeAt(`/dev/${group}/${volume}`, group)).toBe(volume);
        expect(volumeAt(`/dev/${group}/${volume}`, `${group}x`)).toBeNull();
      }),
    );
  });

  it.each(["/dev/sda", "/dev/mapper/mpatha", "/dev/dm-2", "/var/lib/images/ps1/vol.qcow2", "/dev/other/vol-1", ""])(
    "is not seen in %j",
    (path) => expect(volumeAt(path, "ps1")).toBeNull(),
  );
});
