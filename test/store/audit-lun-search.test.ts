import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type AuditFilter, entriesFound, operationsFound, sieveOf } from "../../src/core/audit-search.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { AuditEvent } from "../../src/core/operation.ts";
import { BACKUP_ROOT, backUpBeginning } from "../../src/host/backup.ts";
import { removePhysicalVolume } from "../../src/host/lvm.ts";
import { wipeSignatures } from "../../src/host/wipefs.ts";
import type { OpenAuditLog } from "../../src/store/audit-log.ts";
import { open } from "./open-audit-log.ts";
import { newDirectory } from "./samples.ts";

const lun = "36b083fe000daf018000015505abbe00a";
const other = "36b083fe000daf018000015505abbe00b";
const map = (wwid: string) => `/dev/disk/by-id/dm-uuid-mpath-${wwid}`;
const folder = (wwid: string) => `${BACKUP_ROOT}/${wwid}-20261122100000`;

const planned = (words: string): AuditEvent => ({ kind: "planned", words, digest: "d", risk: "destructive" });
const began = ({ argv }: { readonly argv: readonly string[] }): AuditEvent => ({
  ...{ kind: "began", stepId: "step-1", host: "host-1", effect: "destroy" },
  argv: [...argv],
});

/** Operations of which only one entry names the LUN. */
const operations: readonly (readonly [words: string, step: AuditEvent | null])[] = [
  ["sharedblock delete ps-1", began(wipeSignatures(map(lun)))],
  ["sharedblock delete ps-2", began(removePhysicalVolume(`/dev/disk/by-id/scsi-${lun}`))],
  ["sharedblock delete ps-3", began(backUpBeginning("/dev/sda", folder(lun)))],
  ["sharedblock add cluster-1 name=ps-4", began({ argv: ["mkdir", "--", folder(lun)] })],
  [`sharedblock add cluster-1 wwid=dm-uuid-mpath-${lun} name=ps-5`, null],
  [`lun rescue cluster-1 wwid=wwn-0x${lun.slice(1)}`, null],
  [`sharedblock add cluster-1 wwid=${lun} name=ps-7`, null],
  ["sharedblock delete ps-8", began(wipeSignatures(map(other)))],
  ["sharedblock delete ps-9", began(wipeSignatures(map(`${lun}0`)))],
  ["sharedblock delete ps-10", began({ argv: ["mkdir", "--", `${folder(lun)}0`] })],
];
const OF_THE_LUN = ["op-7", "op-6", "op-5", "op-4", "op-3", "op-2", "op-1"];

describe("a search for a LUN in the audit log", () => {
  let directory: string;
  let log: OpenAuditLog;
  beforeEach(async () => {
    directory = await newDirectory();
    log = await open(directory, 0, null, { closedAtBytes: 1_000 });
    for (const [index, [words, step]] of operations.entries()) {
      const id = `op-${index + 1}`;
      await log.append("U1", id, planned(words));
      if (step !== null) await log.append("U1", id, step);
      await log.append("U1", id, { kind: "ended", state: "done", result: "all steps done" });
    }
    await log.settled();
  });

  const filter = (wwid: string): AuditFilter => ({
    ...{ since: null, until: null, who: null, host: null, cluster: null, storage: null, wwid },
    ...{ operation: null, outcome: null, risk: null },
  });
  const foundBy = async (wwid: string) => {
    const sieve = sieveOf(filter(wwid), emptyInventory);
    const { found } = await operationsFound(log.operations(sieve), filter(wwid), 20, emptyInventory);
    return found.map(({ id }) => id);
  };
  const entriesBy = async (wwid: string) => {
    const sieve = sieveOf(filter(wwid), emptyInventory);
    const { found } = await entriesFound(log.backwards(sieve), filter(wwid), 20, emptyInventory);
    return found.map(({ operationId }) => operationId);
  };

  it.each([lun, `dm-uuid-mpath-${lun}`, `scsi-${lun}`, `wwn-0x${lun.slice(1)}`])(
    "finds the operations with its name in their words or host commands: wwid=%s",
    async (typed) => {
      expect(await foundBy(typed)).toEqual(OF_THE_LUN);
      expect(await entriesBy(typed)).toEqual(OF_THE_LUN);
    },
  );

  it("finds no other LUN that begins or ends with the same characters", async () => {
    expect(await foundBy(other)).toEqual(["op-8"]);
    expect(await foundBy(lun.slice(0, -1))).toEqual([]);
    expect(await foundBy(lun.slice(1))).toEqual([]);
    expect(await foundBy("20261122100000")).toEqual([]);
  });

  it("makes the index of the version again that did not keep the WWID of a link", async () => {
    const index = join(directory, "audit-index");
    const files = await readdir(index);
    expect(files.length).toBeGreaterThan(3);
    const header = async (name: string) => (await readFile(join(index, name))).subarray(0, 20).toString("utf8");
    const now = await header(files[0] ?? "");
    for (const name of files) {
      const content = await readFile(join(index, name));
      content.write('{"version":2', 0);
      await writeFile(join(index, name), content);
    }
    expect(await header(files[0] ?? "")).not.toBe(now);
    expect(await foundBy(lun)).toEqual(OF_THE_LUN);
    for (const name of files) expect(await header(name)).toBe(now);
  });
});
