import { writeSync } from "node:fs";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { openOperationStore } from "../../src/store/operation-store.ts";
import { planned, zoneAdded } from "./samples.ts";

// Run by kill.test.ts in a process of its own, which it kills: writes as fast as it can and announces what is written.
const [directory = "", firstNumber = ""] = process.argv.slice(2);
const log = await openAuditLog(directory);
const inventory = await openInventoryStore(directory);
const operations = await openOperationStore(directory);
// Synchronous, so that an announcement is out before anything else happens.
const announce = (line: string) => writeSync(1, `${line}\n`);
announce("ready");

async function append(name: string): Promise<never> {
  for (let number = 0; ; number++) {
    const entry = await log.append(name, null, { kind: "asked", words: "x".repeat((number * 37) % 3000) });
    announce(`entry ${entry.id} ${entry.hash}`);
  }
}
async function applyZones(): Promise<never> {
  for (let number = Number(firstNumber); ; number++) {
    await inventory.apply([zoneAdded(number)]);
    announce(`zone ${number}`);
  }
}
async function confirmOperations(): Promise<never> {
  for (;;) {
    const { id } = await operations.create({ ...planned, auditFrom: log.position() });
    announce(`operation ${id} planned`);
    await operations.change(id, ["planned"], { state: "confirmed", auditTo: log.position() });
    announce(`operation ${id} confirmed`);
  }
}
await Promise.all([append("U1"), append("U2"), append("U3"), applyZones(), confirmOperations()]);
