import { mkdir, readdir, rename, truncate } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { errorText } from "../../src/core/refusal.ts";
import { beginAuditLog } from "../../src/store/audit-begin.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { asked, open } from "./open-audit-log.ts";
import { newDirectory } from "./samples.ts";

describe("a new audit log instead of a damaged one", () => {
  let directory: string;
  let evidence: string;
  beforeEach(async () => {
    directory = await newDirectory();
    evidence = join(await newDirectory(), "evidence");
    await mkdir(evidence);
    const log = await open(directory, 0, null, { closedAtBytes: 500, archiveDays: 1 });
    for (let each = 0; each < 3; each++) await log.append("U1", null, asked("x".repeat(600)));
    await log.append("U1", null, asked("the current file"));
    await log.settled();
    const inventory = await openInventoryStore(directory, () => log.position());
    await inventory.apply([]);
    await inventory.close();
    log.archive(Date.now() + 2 * 86_400_000);
    await log.close();
    expect(await readdir(join(directory, "archive"))).toHaveLength(3);
  });

  const moveAway = (...names: readonly string[]) =>
    Promise.all(names.map((name) => rename(join(directory, name), join(evidence, name))));
  const errorOf = (work: Promise<unknown>): Promise<string> => work.then(() => "none", errorText);
  const known = async () => (await openInventoryStore(directory)).auditKnown();

  it("begins after what the error names was moved away, and not before", async () => {
    await truncate(join(directory, "audit.jsonl"), 5);
    expect(await errorOf(open(directory, 0, await known()))).toMatch(
      /move audit\*\.jsonl, archive\/ and operations\.json away as evidence, and type .*audit.begin/,
    );
    await moveAway("audit.jsonl", "audit-checkpoints.jsonl");
    const begins = () => beginAuditLog(directory, "terminal:ann", "the log was damaged");
    for (const _ of ["the first try", "the second try"]) {
      expect(await errorOf(begins())).toMatch(
        /archive\/audit-000000001\.jsonl\.gz belongs to the old log.*move archive\/ and audit\*\.jsonl away, and keep them/s,
      );
    }
    await moveAway("archive");
    await begins();
    const log = await open(directory, 0, await known());
    expect(await log.tail(9)).toMatchObject([{ id: 1, event: { kind: "begun", reason: "the log was damaged" } }]);
  });

  it("does not begin while a log with closed files can be used", async () => {
    expect(await errorOf(beginAuditLog(directory, "terminal:ann", "why not"))).toMatch(
      /audit\.jsonl has 4 entries, so the log can be used.*start the bot/s,
    );
  });
});
