import { describe, expect, it } from "vitest";
import type { Signature } from "../../../src/core/storage.ts";
import type { Blankness } from "../../../src/host/cmp.ts";
import { contentReasons } from "../../../src/storage/checks/checks.ts";
import type { Candidate } from "../../../src/storage/observe/candidate.ts";
import { signatureLine } from "../../../src/storage/observe/contents.ts";
import { textsOf } from "../../support/errors.ts";
import { lunOnHost } from "../lun-on-host.ts";

const ZEROS: Blankness = { blank: true };
const dataAt = (firstByte: number): Blankness => ({ blank: false, firstByte });
const signature = (type: string, isPartitionTable: boolean): Signature => ({
  ...{ offsetBytes: 0, type, label: null, uuid: null },
  isPartitionTable,
});

function candidate(signatures: readonly Signature[], ...blankness: Blankness[]): Candidate {
  const contents = blankness.map((each, index) => {
    const { host } = lunOnHost(`host${index + 1}`);
    return { host, signatures, blankness: each, problems: [] };
  });
  const signatureLines = signatures.map(signatureLine);
  const blank = signatureLines.length === 0 && blankness.every((each) => each.blank);
  return {
    lun: { wwid: "36b0", on: [] },
    elsewhere: [],
    asked: { asked: [], unasked: [] },
    contents,
    signatureLines,
    blank,
    leftByUs: false,
  };
}

describe("the content of a LUN prevents its use", () => {
  it.each<[string, Candidate, boolean, RegExp | null]>([
    ["not if every host reads zeros", candidate([], ZEROS, ZEROS), false, null],
    [
      "if data is after the beginning",
      candidate([], dataAt(2 ** 40)),
      false,
      /host1 reads data at byte 1099511627776\)\. Fix: add wipe=true/,
    ],
    ["not if it may be overwritten", candidate([], dataAt(2 ** 40)), true, null],
    [
      "if one host reads data and another zeros, also with wipe=true",
      candidate([], dataAt(5), ZEROS),
      true,
      /host1 reads data at byte 5, host2 reads zeros\): it may not be the same disk/,
    ],
    [
      "if it has a partition table that only the tool knows, also with wipe=true",
      candidate([signature("newtable", true)], dataAt(1)),
      true,
      /partition table \(newtable\)/,
    ],
    [
      "by name if its type is not known",
      candidate([signature("somefs", false)], dataAt(1)),
      false,
      /holds somefs at byte 0/,
    ],
  ])("%s", (_what, given, wipe, why) => {
    const said = textsOf(contentReasons(given, wipe)).join("; ");
    if (why === null) expect(said).toBe("");
    else expect(said).toMatch(why);
  });
});
