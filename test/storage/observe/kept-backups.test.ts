import { describe, expect, it } from "vitest";
import { piecesOf } from "../../../src/storage/observe/kept-backups.ts";

const folder = "/backup/36b0-20261122100000";
const kept = (hex: string) => `wipefs-dm-uuid-mpath-36b0-0x${hex}.bak`;
const label = { type: "LVM2_member", offsetBytes: 536, label: null, uuid: "zUbBDF", isPartitionTable: false };
const whole = (...signaturesAt: number[]) => ({
  ...{ file: `${folder}/beginning.bin`, offsetBytes: 0, rangeBytes: 2 * 1024 ** 2 },
  signaturesAt,
});

describe("what a backup restores", () => {
  it("is its complete beginning, and magic strings only after it", () => {
    expect(piecesOf(folder, ["beginning.bin", kept("00000218"), kept("00200000")], [label])).toEqual([
      whole(536),
      { file: `${folder}/${kept("00200000")}`, offsetBytes: 2097152, rangeBytes: null, signaturesAt: [2097152] },
    ]);
  });

  it("is the beginning also if wipefs kept a signature that is not in the copy", () => {
    expect(piecesOf(folder, ["beginning.bin", kept("00000200")], [])).toEqual([whole(512)]);
  });

  it("is nothing if the LUN was empty", () => {
    expect(piecesOf(folder, ["beginning.bin"], [])).toEqual([]);
  });

  it("is what wipefs kept if there is no copy of the beginning", () => {
    expect(piecesOf(folder, [kept("00000218")], []).map(({ offsetBytes }) => offsetBytes)).toEqual([536]);
  });
});
