import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HostCommand, OutputNotUnderstood } from "../../src/core/host-command.ts";
import { listBlockDevices } from "../../src/host/lsblk.ts";
import { listAllocations, listLogicalVolumes, listPhysicalVolumes, listVolumeGroups } from "../../src/host/lvm.ts";
import { listSignatures } from "../../src/host/wipefs.ts";
import { longestSlice } from "../longest-slice.ts";
import { rowsOf, runsOf } from "../scenario/rows.ts";
import { OLDER, READS } from "./commands/every.ts";

describe("parsing output that no program prints", () => {
  const word = fc.constantFrom(
    ...[
      "{",
      "}",
      "[",
      "]",
      '"',
      ",",
      '"report"',
      '"blockdevices": [',
      '"signatures":',
      "null",
      "dm-2",
      " (",
      ")",
      "\\_ ",
    ],
    ...[
      "size=",
      "`- ",
      "|-+- ",
      "1:0:0:1",
      "8:16",
      "VG ",
      "lock_type=",
      "[0:0:0:3]",
      "/dev/sda",
      "->",
      "=",
      "ID=",
      "\n",
    ],
    ...[
      "\r\n",
      " ",
      "  ",
      "differ: byte ",
      "No such file or directory",
      "host0",
      "connect",
      "Id=",
      "\\x2",
      "\\x41",
      'NAME="a"',
      ' PKNAME="a"',
      "0x1,",
    ],
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.array(word).map((words) => words.join("")),
  );

  it("throws nothing but OutputNotUnderstood", () => {
    for (const command of [...READS, ...OLDER]) {
      const output = fc.record({ stdout: text, stderr: text, exitCode: fc.constantFrom(...command.exitCodes) });
      fc.assert(
        fc.property(output, (printed) => {
          try {
            command.parse(printed);
          } catch (error) {
            expect(error, command.argv.join(" ")).toBeInstanceOf(OutputNotUnderstood);
          }
        }),
        { numRuns: runsOf(300) },
      );
    }
  });

  it("throws nothing but OutputNotUnderstood on JSON of any shape", () => {
    for (const command of [
      listBlockDevices,
      listVolumeGroups,
      listPhysicalVolumes,
      listLogicalVolumes,
      listAllocations,
      listSignatures("/dev/mapper/mpatha"),
    ]) {
      const inside = fc.json({ maxDepth: 3 });
      const report = fc.oneof(
        inside,
        inside.map((json) => `{"report": [{"vg": [${json}], "pv": [${json}], "lv": [${json}]}]}`),
        inside.map((json) => `{"blockdevices": [${json}], "signatures": [${json}]}`),
      );
      fc.assert(
        fc.property(report, (stdout) => {
          try {
            command.parse({ stdout, stderr: "", exitCode: 0 });
          } catch (error) {
            expect(error).toBeInstanceOf(OutputNotUnderstood);
          }
        }),
        { numRuns: runsOf(300) },
      );
    }
  });

  it("needs time that grows with the length of a line, not with its square", async () => {
    const pieces = [..." |(\t[{=\r'", " (", "dm-", " dm-", "a ", "[b]:", "1:", " -> ", "- ", '{"a":[', "/dev/ "];
    const starts = ["", "mpatha (36) dm-2 ", "`- 1:0:0:0 sda 8:0 ", "[0:0:0:0] disk ", "A="];
    for (const start of rowsOf(starts)) {
      for (const piece of pieces) {
        for (const end of ["", "x"]) {
          for (const command of [...READS, ...OLDER]) {
            const line = `${start}${piece.repeat(20_000)}${end}`;
            // Work that grows with the square takes many seconds.
            const slice = await longestSlice(async () => tryParse(command, line), 2_000);
            expect(slice, `${command.argv[0]}: ${start}${piece}…${end}`).toBeLessThan(2_000);
          }
        }
      }
    }
  });
});

function tryParse(command: HostCommand<unknown>, stdout: string): void {
  try {
    command.parse({ stdout, stderr: "", exitCode: 0 });
  } catch (error) {
    expect(error).toBeInstanceOf(OutputNotUnderstood);
  }
}
