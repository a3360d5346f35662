import type { Completion } from "../../src/workspace/page-protocol.ts";

/** Some of the bot's commands, as a fixture. */
export const completions: Completion[] = [
  { name: "help", summary: "Lists the commands, or explains one", usage: "help [COMMAND]", keys: ["command"] },
  {
    name: "host add",
    summary: "Registers a host after its key is trusted",
    usage: "host add NAME address=… cluster=… [port=22] [user=root]",
    keys: ["name", "address", "cluster", "port", "user"],
  },
  { name: "host list", summary: "Every host with its cluster and status", usage: "host list", keys: [] },
  { name: "lun list", summary: "The matrix of LUNs and hosts", usage: "lun list CLUSTER", keys: ["cluster"] },
  {
    name: "lun show",
    summary: "One LUN as every host sees it",
    usage: "lun show CLUSTER WWID",
    keys: ["cluster", "wwid"],
  },
  {
    name: "multipath status",
    summary: "Every map with its paths, the worst first",
    usage: "multipath status HOST-or-CLUSTER",
    keys: ["of"],
  },
  {
    name: "sharedblock add",
    summary: "Makes LUNs a primary storage of a cluster",
    usage: "sharedblock add CLUSTER wwid=… [name=] [description=] [wipe=true]",
    keys: ["cluster", "wwid", "name", "description", "wipe"],
  },
  { name: "sharedblock list", summary: "Every primary storage, at a glance", usage: "sharedblock list", keys: [] },
  {
    name: "sharedblock show",
    summary: "One primary storage, its LUNs and capacity",
    usage: "sharedblock show NAME",
    keys: ["name"],
  },
];
