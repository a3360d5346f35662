import { describe, expect, it } from "vitest";
import { type CommandOutput, fallbackCommand, type ReadCommand } from "../../src/core/host-command.ts";
import { inUnits, type Limits } from "../../src/core/limits.ts";
import { OutputNotUnderstood } from "../../src/core/not-understood.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { limitsOf } from "../../src/ssh/output-limits.ts";
import { longestSlice } from "../longest-slice.ts";
import { sizeOf } from "../scenario/rows.ts";
import { everyRead } from "./every-read.ts";

const reads = (await everyRead()).flatMap(([name, read]): [string, ReadCommand<unknown>][] => {
  const older = fallbackCommand(read);
  // Both forms have the limits of the read.
  return older === null
    ? [[name, read]]
    : [
        [name, read],
        [`${name}, older form`, { ...read, argv: older.argv, parse: older.parse }],
      ];
});

const answer = (read: ReadCommand<unknown>, printed: Partial<CommandOutput>) =>
  outcomeOf(read, { stdout: "", stderr: "", exitCode: read.exitCodes[0] ?? 0, ...printed }, "root");

/** Elements of XML have their own test. */
const isXml = ({ argv }: ReadCommand<unknown>): boolean => argv[0] === "virsh";

describe("every read of a host", () => {
  it("is in this list", () => expect(reads.length).toBeGreaterThan(60));

  it.each(reads)("%s is implausible beyond its bytes, on either stream and both together", async (_, read) => {
    const { bytes } = limitsOf(read);
    const reason = `implausible: ${read.argv[0]} printed more than ${inUnits(bytes)}`;
    const half = "x".repeat(bytes / 2);
    const outputs = [
      { stdout: `${half}${half}x` },
      { stderr: `${half}${half}x` },
      { stdout: half, stderr: `${half}x` },
    ];
    for (const output of outputs) expect(await answer(read, output)).toEqual({ kind: "unknown", reason });
  });

  it.each(reads)("%s is implausible beyond its lines", async (_, read) => {
    const { lines } = limitsOf(read);
    const reason = `implausible: ${read.argv[0]} printed more than ${lines} lines`;
    for (const stream of ["stdout", "stderr"]) {
      expect(await answer(read, { [stream]: "\n".repeat(lines + 1) })).toEqual({ kind: "unknown", reason });
    }
  });

  it.each(reads.filter(([name, read]) => read.limits.depth > 0 && !name.includes("older") && !isXml(read)))(
    "%s is implausible beyond its depth",
    async (_, read) => {
      const { depth } = read.limits;
      for (const nest of ["[", '{"a":', "a {\n"].map((each) => each.repeat(depth + 1))) {
        const outcome = await answer(read, { stdout: nest });
        expect(outcome).toMatchObject({ kind: "unknown" });
      }
      const nested = read.argv[0].startsWith("multipath") ? "a {\n".repeat(depth + 1) : "[".repeat(depth + 1);
      expect(await answer(read, { stdout: nested })).toMatchObject({ reason: expect.stringContaining("implausible") });
    },
  );

  it("that reads JSON or sections limits the depth", async () => {
    const nested = ["lsblk", "pvs", "vgs", "lvs", "wipefs", "multipathd", "multipath"];
    for (const [name, { argv, limits }] of reads) {
      const isFlat = [
        "listMultipathMaps",
        "canBackUpSignatures",
        "readClaim",
        "listDiskSizes",
        "listPathsInMemory",
      ].some((each) => name.startsWith(each));
      const isNested =
        nested.includes(argv[0]) || ["readVmDefinitions", "readSavedState", "readStoragePool"].includes(name);
      expect(limits.depth > 0, name).toBe(isNested && !isFlat);
    }
  });
});

/** Output that no program prints, of the largest size that is read. */
const hostile: Readonly<Record<string, string>> = {
  "one line": "a",
  "unexpected lines": "a b c\n",
  brackets: "{",
  commas: ",",
  "rows of other JSON": '{"name":"a"},',
  "blank lines": "\n",
};
/** A page of the largest plausible size that is made to be slow takes a little longer, but not seconds. */
const HOSTILE_MS = 400;

describe("output that no program prints", () => {
  it.each(reads)("as an answer of %s is read or refused quickly", async (name, read) => {
    // Each read gets two kinds, and its neighbours the others. `npm run test:all` gives all to each.
    const place = reads.findIndex(([each]) => each === name);
    const kinds = Object.entries(hostile);
    const chosen = kinds.filter((_, index) => (index - place) % sizeOf(kinds.length / 2, 1) === 0);
    for (const [kind, unit] of chosen) {
      const stdout = filled(unit, limitsOf(read));
      expect(await longestSlice(() => answer(read, { stdout }), HOSTILE_MS), kind).toBeLessThan(HOSTILE_MS);
    }
  });

  it("is refused if a thousand lines are not understood", async () => {
    const { listScsiDevices } = await import("../../src/host/scsi.ts");
    const good = "[0:0:0:0]  disk    DELL     MD32xx          0820  /dev/sda   1.00GB\n";
    const few = await answer(listScsiDevices, { stdout: good + "odd\n".repeat(1_000) });
    expect(few).toMatchObject({ kind: "done", notUnderstood: { length: 1_000 } });
    const many = await answer(listScsiDevices, { stdout: good + "odd\n".repeat(1_001) });
    expect(many).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining("1000 others, which is implausible"),
    });
    expect(() => listScsiDevices.parse({ stdout: good + "odd\n".repeat(1_001), stderr: "", exitCode: 0 })).toThrow(
      OutputNotUnderstood,
    );
  });
});

function filled(unit: string, { bytes, lines }: Limits): string {
  const most = Math.floor(bytes / unit.length);
  return unit.repeat(unit.includes("\n") ? Math.min(most, lines) : most);
}
