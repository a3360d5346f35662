import { sharedBlockAdd } from "../../commands/sharedblock/add.ts";
import type { Facts } from "../../src/core/command.ts";
import { type Gathered, type Reads, shellLine } from "../../src/core/host-command.ts";
import { emptyInventory, type Host, type Inventory } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { largeSan } from "../../src/local/san/large-san.ts";
import { Machine } from "../../src/local/san/machine.ts";
import { runLine } from "../../src/local/san/run-line.ts";
import { San } from "../../src/local/san/san.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { uuid } from "../store/samples.ts";

/** The plan of `sharedblock add` on simulated hosts, asked without SSH. */
export async function largePlan(hostCount: number, lunCount: number): Promise<Plan> {
  const san = new San(largeSan(hostCount, lunCount));
  const machines = new Map(
    san.state.hosts.map((host) => [host.name, new Machine(san, host, 0, async () => undefined, null)]),
  );
  const [zoneUuid, clusterUuid] = [uuid(9_998), uuid(9_999)];
  const hosts = san.state.hosts.map(
    ({ name }, index): Host => ({
      ...{ uuid: uuid(index + 1), name, clusterUuid, address: "127.0.0.1", port: 22, user: "root" },
      ...{ hostKeySha256: "SHA256:x", sanlockHostId: null },
    }),
  );
  const inventory: Inventory = {
    ...emptyInventory,
    zones: [{ uuid: zoneUuid, name: "ZONE-1" }],
    clusters: [{ uuid: clusterUuid, name: "cluster-1", zoneUuid }],
    hosts,
  };
  const gather = async <R extends Reads>(host: Host, reads: R): Promise<Gathered<R>> => {
    const answers: [string, unknown][] = [];
    for (const [name, read] of Object.entries(reads)) {
      const [stdout, stderr]: [string[], string[]] = [[], []];
      const exitCode = await runLine(shellLine(read.argv), named(machines, host.name), {
        stdout: (text) => void stdout.push(text),
        stderr: (text) => void stderr.push(text),
        stdin: async () => "",
        isGone: () => false,
        cut: () => undefined,
      });
      const output = { stdout: stdout.join(""), stderr: stderr.join(""), exitCode: exitCode ?? 1 };
      answers.push([name, await outcomeOf(read, output, "root")]);
    }
    return Object.fromEntries(answers) as Gathered<R>;
  };
  const facts: Pick<Facts, "inventory" | "askedAt" | "uuid" | "gather"> = {
    ...{ inventory, askedAt: "2026-11-29T00:00:00.000Z", uuid: (label) => uuid(label.length), gather },
  };
  const wwid = san.state.luns.map((lun) => lun.wwid);
  // A plan looks at nothing else of the facts.
  return sharedBlockAdd.plan({ cluster: "cluster-1", wwid, name: "ps-1", wipe: true, unasked: [] }, facts as Facts);
}

function named(machines: ReadonlyMap<string, Machine>, name: string): Machine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Error(`there is no host ${name}`);
  return machine;
}
