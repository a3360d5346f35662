import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { monitor } from "./monitor.ts";

const job = "lab-snapshot";
/** The disk that holds it: the guest's own. LUNs are not in it; they are copied. */
export const rootNode = "root";

const jobsSchema = z.array(z.object({ id: z.string(), status: z.string(), error: z.string().optional() }));
const limitMs = 120_000;

/** Keeps the guest's memory and disk in its disk's file, in place of an earlier state of that name. It continues then. */
export async function keepSnapshot(socketPath: string, tag: string): Promise<void> {
  await perform(socketPath, "snapshot-delete", { tag, devices: [rootNode] });
  await perform(socketPath, "snapshot-save", { tag, vmstate: rootNode, devices: [rootNode] });
}

/** Puts the kept state of the guest back. */
export const takeBack = (socketPath: string, tag: string): Promise<void> =>
  perform(socketPath, "snapshot-load", { tag, vmstate: rootNode, devices: [rootNode] });

async function perform(socketPath: string, execute: string, what: Readonly<Record<string, unknown>>): Promise<void> {
  const asked = { execute, arguments: { "job-id": job, ...what } };
  await monitor(socketPath, [{ execute: "stop" }, asked], limitMs);
  for (const until = Date.now() + limitMs; Date.now() < until; await sleep(100)) {
    // QEMU answers nothing while it writes.
    const jobs = jobsSchema.parse(await monitor(socketPath, [{ execute: "query-jobs" }], limitMs));
    const ours = jobs.find(({ id }) => id === job);
    if (ours?.status !== "concluded") continue;
    await monitor(socketPath, [{ execute: "job-dismiss", arguments: { id: job } }, { execute: "cont" }]);
    if (ours.error !== undefined) throw new Error(`QEMU's monitor: ${execute}: ${ours.error}`);
    return;
  }
  throw new Error(`QEMU's monitor: ${execute} has not ended within ${limitMs / 1000} s`);
}
