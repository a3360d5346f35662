import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { bytesKnownTo } from "../../src/store/audit-chain.ts";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { openOperationStore } from "../../src/store/operation-store.ts";
import { argumentsOf } from "../programs.ts";
import { newDirectory } from "./samples.ts";

const rank = ["planned", "confirmed"];

it("keeps everything that was announced when it is killed at any moment", { timeout: 480_000 }, async () => {
  const directory = await newDirectory();
  const announced: string[] = [];
  for (let round = 0; round < 6; round++) {
    announced.push(...(await announcedUntilKilled(directory, (round + 1) * 1_000_000)));
    await expectAll(directory, announced);
  }
});

/** Kills it a few moments after some number of announcements. */
async function announcedUntilKilled(directory: string, firstNumber: number): Promise<string[]> {
  const program = [...argumentsOf("busy-writer"), directory, String(firstNumber)];
  const writer = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  writer.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const enough = 2 + Math.random() * 80;
  while (output.split("\n").length <= enough) {
    expect(writer.exitCode).toBeNull();
    await sleep(1);
  }
  await sleep(Math.random() * 10);
  writer.kill("SIGKILL");
  await once(writer, "close");
  // What the kill cut in the middle of a line was not announced.
  return output.slice(0, output.lastIndexOf("\n")).split("\n").slice(1);
}

async function expectAll(directory: string, announced: readonly string[]): Promise<void> {
  const operations = await openOperationStore(directory);
  const log = await openAuditLog(directory, bytesKnownTo(operations));
  const hashes = new Map((await log.between(0, null)).map((entry) => [String(entry.id), entry.hash]));
  expect(await log.verify()).toMatchObject({ kind: "whole", entries: hashes.size });
  await log.close();
  const zones = new Set((await openInventoryStore(directory)).current().zones.map((zone) => zone.name));
  for (const [kind, subject = "", detail = ""] of announced.map((line) => line.split(" "))) {
    if (kind === "entry") expect(hashes.get(subject)).toBe(detail);
    else if (kind === "zone") expect(zones).toContain(`ZONE-${subject}`);
    else expect(rank.indexOf(operations.get(subject)?.state ?? "lost")).toBeGreaterThanOrEqual(rank.indexOf(detail));
  }
}
