import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Host } from "../../../src/core/inventory.ts";
import { commandOf, type Step } from "../../../src/core/step.ts";
import type { Signature } from "../../../src/core/storage.ts";
import { backUpFrom } from "../../../src/host/backup.ts";
import type { Candidate } from "../../../src/storage/observe/candidate.ts";
import { backupSteps } from "../../../src/storage/steps/erase.ts";
import { uuid } from "../../store/samples.ts";

const writer: Host = {
  uuid: uuid(1),
  name: "sharedblock-host1",
  clusterUuid: uuid(2),
  address: "127.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: 1,
};

const signature = (type: string, offsetBytes: number): Signature => ({
  type,
  offsetBytes,
  label: null,
  uuid: null,
  isPartitionTable: false,
});
const MIB = 1024 ** 2;

function candidate(signatures: readonly Signature[]): Candidate {
  const wwid = "36b083fe000daf018000015505abbe00a";
  const on = {
    ...{
      host: writer,
      map: null,
      kernelName: "sde",
      pathSizes: new Map(),
      outsideMap: [],
      pathsAreKnown: true,
      activePaths: 1,
      totalPaths: 1,
    },
    ...{ sizeBytes: 64 * MIB, logicalSectorBytes: 512, readOnly: false, vendor: null, model: null },
    ...{
      fileSystem: null,
      label: null,
      uuid: null,
      partitions: [],
      mountPoints: [],
      holders: [],
      directHolders: [],
      models: new Map(),
      addresses: new Map(),
      identities: [],
      users: [],
      possibleUsers: [],
      openedBy: [],
      unexplainedOpens: 0,
      openCount: 0,
      isUseKnown: true,
      useProblems: [],
      physicalVolume: null,
      labels: [],
      notUnderstood: [],
      otherMaps: [],
      isMapKnown: true,
    },
  };
  const contents = [{ host: writer, signatures, blankness: null, problems: [] }];
  return {
    lun: { wwid, on: [on] },
    elsewhere: [],
    asked: { asked: [], unasked: [] },
    contents,
    signatureLines: [],
    blank: false,
    leftByUs: false,
  };
}

const programs = (steps: readonly Step[]): string[] =>
  steps.map((step) =>
    commandOf(step)
      .argv.join(" ")
      .replace(/\/\S*\//g, ""),
  );

describe("the backup before a wipe", () => {
  const signatures = [signature("LVM2_member", 536), signature("linux_raid_member", 63 * MIB + 4096)];

  it("is made by wipefs if possible", () => {
    expect(programs(backupSteps(writer, true, candidate(signatures), "2026-11-22T10:00:00.000Z"))).toEqual([
      "mkdir -p -m 0700 -- 36b083fe000daf018000015505abbe00a-20261122100000",
      "dd if=scsi-36b083fe000daf018000015505abbe00a of=beginning.bin bs=1M count=2 conv=fsync status=none",
      "env HOME=36b083fe000daf018000015505abbe00a-20261122100000 wipefs --all --no-act --backup -- scsi-36b083fe000daf018000015505abbe00a",
    ]);
  });

  it("copies what is after the first 2 MiB if wipefs is too old", () => {
    expect(programs(backupSteps(writer, false, candidate(signatures), "2026-11-22T10:00:00.000Z"))).toEqual([
      "mkdir -p -m 0700 -- 36b083fe000daf018000015505abbe00a-20261122100000",
      "dd if=scsi-36b083fe000daf018000015505abbe00a of=beginning.bin bs=1M count=2 conv=fsync status=none",
      "dd if=scsi-36b083fe000daf018000015505abbe00a of=byte-66064384.bin bs=4096 count=1 iflag=skip_bytes skip=66064384 conv=fsync status=none",
    ]);
  });

  it("has the bytes from the signature on, and fewer if the disk ends earlier", () => {
    const folder = mkdtempSync(join(tmpdir(), "backup-"));
    const disk = join(folder, "disk");
    const content = Buffer.alloc(10_000, "0123456789");
    writeFileSync(disk, content);
    for (const byte of [1000, 9_001]) {
      const [program, ...args] = backUpFrom(byte, disk, folder).argv;
      expect(spawnSync(program, args, { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
      expect(readFileSync(join(folder, `byte-${byte}.bin`))).toEqual(content.subarray(byte, byte + 4096));
    }
    rmSync(folder, { recursive: true });
  });
});
