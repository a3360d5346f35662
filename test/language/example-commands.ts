import { z } from "zod";
import { type Command, defineChange, defineQuery } from "../../src/core/command.ts";
import { nameSchema, wwidSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Reply } from "../../src/core/reply.ts";
import { helpCommand } from "../../src/language/help.ts";

/** Commands as an operator would type them; they are read and explained here, never run. */

const cluster = nameSchema.describe("the cluster's name");
const answer = async (): Promise<Reply> => ({ title: "", tone: "plain", parts: [], next: [] });
const plan = async (): Promise<Plan> => {
  throw new Error("not run here");
};

const hostAdd = defineChange({
  name: "host add",
  summary: "Registers a host of a cluster",
  risk: "trust",
  args: z.strictObject({
    name: nameSchema.describe("the host's name"),
    address: z.string().min(1).max(253).describe("name or IP address"),
    cluster,
    port: z.coerce.number().int().min(1).max(65_535).default(22).describe("SSH port"),
    user: z.string().max(32).default("root").describe("SSH user"),
  }),
  positional: ["name"],
  examples: ["host add sharedblock-host1 address=172.20.11.107 cluster=cluster-1"],
  plan,
});
const hostList = defineQuery({
  name: "host list",
  summary: "All hosts",
  args: z.strictObject({}),
  positional: [],
  examples: ["host list"],
  answer,
});
const hostRescan = defineChange({
  name: "host rescan",
  summary: "Scans every SCSI host",
  risk: "reversible",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["host rescan cluster-1"],
  plan,
});
const lunShow = defineQuery({
  name: "lun show",
  summary: "One LUN as every host sees it",
  args: z.strictObject({ cluster, wwid: wwidSchema.describe("the LUN's identity") }),
  positional: ["cluster", "wwid"],
  examples: ["lun show cluster-1 36b083fe000daf018000015505abbe00a"],
  answer,
});
const sharedblockAdd = defineChange({
  name: "sharedblock add",
  summary: "Makes LUNs a Shared Block primary storage",
  risk: "destructive",
  args: z.strictObject({
    cluster,
    wwid: z
      .string()
      .transform((list) => list.split(","))
      .pipe(z.array(wwidSchema).max(3))
      .describe("the LUN's WWID, several with commas"),
    name: nameSchema.optional().describe("the storage's name"),
    description: z.string().max(2000).default("").describe("what it is for"),
    wipe: z
      .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
      .default(false)
      .describe("whether what is on the LUN may be erased | permanently"),
  }),
  positional: ["cluster"],
  examples: ["sharedblock add cluster-1 wwid=36b083fe000daf018000015505abbe00a name=ps-1 wipe=true"],
  plan,
});
const inventory = defineQuery({
  name: "inventory",
  summary: "Everything at a glance",
  args: z.strictObject({ zoneOrCluster: nameSchema.optional().describe("only this one") }),
  positional: ["zoneOrCluster"],
  examples: ["inventory", "inventory cluster-1"],
  answer,
});

const withoutHelp: readonly Command[] = [hostAdd, hostList, sharedblockAdd, lunShow, hostRescan, inventory];
export const commands: readonly Command[] = [helpCommand(withoutHelp), ...withoutHelp];
export const examples = { hostAdd, hostList, hostRescan, lunShow, sharedblockAdd, inventory };
