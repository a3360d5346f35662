import { describe, expect, it } from "vitest";
import type { CommandOutput } from "../../src/core/host-command.ts";
import { readVmDefinitions, VMS_A_READ } from "../../src/host/vm-definition.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { shellScript } from "../../src/ssh/shell-script.ts";
import { VMS_A_TRIP } from "../../src/storage/observe/vm-uses.ts";
import { definition, uuidOf } from "./largest-output.ts";

const MiB = 1024 * 1024;
const uuids = (count: number): string[] => Array.from({ length: count }, (_, place) => uuidOf(place));
const answered = (definitions: readonly string[]): CommandOutput => ({
  stdout: `${definitions.map((xml, place) => `vm ${place} now\n${xml}\n\nvm ${place} next\n${xml}\n\n`).join("")}vm end\n\n`,
  ...{ stderr: "", exitCode: 0 },
});
const asked = async (definitions: readonly string[]) => {
  const outcome = await outcomeOf(readVmDefinitions(uuids(definitions.length)), answered(definitions), "root");
  return outcome.kind === "done" ? outcome.value : expect.fail(JSON.stringify(outcome));
};

describe("the definitions of many VMs", () => {
  it("of 200 VMs are read with one SSH packet", () => {
    expect(VMS_A_TRIP).toBe(200);
    const all = uuids(VMS_A_TRIP);
    const reads = Array.from({ length: VMS_A_TRIP / VMS_A_READ }, (_, place) =>
      readVmDefinitions(all.slice(place * VMS_A_READ, (place + 1) * VMS_A_READ)),
    );
    expect(shellScript(reads, "bot", "--00000000-0000-4000-8000-000000000000--").length).toBeLessThan(32_000);
  });

  it("report only the VM with more than 1 MiB", async () => {
    const [short, long] = [definition(uuidOf(0), 3), definition(uuidOf(1), 2_600)];
    expect(long.length).toBeGreaterThan(MiB);
    const [first, second] = await asked([short, long]);
    expect(first).toMatchObject({ uuid: uuidOf(0), problem: null });
    expect(first?.disks).toHaveLength(6);
    expect(second).toMatchObject({
      disks: [],
      problem: expect.stringMatching(/^virsh printed "[\d.]+ MiB of XML" where a definition of at most 1 MiB/),
    });
  });

  it("report only the VM with endless nesting", async () => {
    const deep = `<domain><uuid>${uuidOf(1)}</uuid>${"<a>".repeat(100_000)}`;
    const [first, second] = await asked([definition(uuidOf(0), 3), deep]);
    expect(first).toMatchObject({ problem: null });
    expect(second?.problem).toContain("XML with at most 512 levels");
  });

  it("are refused before expansion if one has many entities", async () => {
    const bomb = `<!DOCTYPE domain [<!ENTITY a "${"x".repeat(1_000)}">]><domain><uuid>${uuidOf(0)}</uuid>&a;</domain>`;
    const [first] = await asked([bomb]);
    expect(first?.problem).toContain("XML without a document type");
  });

  it("are missing only if virsh names the VM", () => {
    const read = readVmDefinitions(uuids(2));
    const nothing = answered(["", ""]);
    const stderr = `error: failed to get domain '${uuidOf(1)}'\n`;
    expect(read.parse({ ...nothing, stderr })).toEqual([
      { uuid: uuidOf(0), disks: [], problem: expect.stringContaining("where a domain's XML was expected") },
      { uuid: uuidOf(1), disks: [], problem: null },
    ]);
  });
});
