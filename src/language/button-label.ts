import type { Command } from "../core/command.ts";

/** Longer names are cut at their beginning, because their ends differ. */
const MOST_OF_A_NAME = 28;

/** A button has a verb and the name of its object. Other commands use their own verb: `Show ps-1`. */
const verbs: Readonly<Record<string, string>> = {
  inventory: "Show Inventory",
  help: "Help",
  "lun list": "List LUNs of",
  "lun show": "Show LUN",
  "lun forget": "Forget LUN",
  "lun rescue": "Rescue LUN",
  "multipath status": "Show Paths of",
  "multipath history": "Failed Paths of",
  "lun history": "Path History of",
  "cluster map": "Map of",
  "sharedblock capacity": "Capacity of",
  "multipath enable": "Enable Multipath on",
  "sharedblock add": "Add Storage to",
  "sharedblock list": "List Storages",
  "sharedblock volumes": "List Volumes of",
  "fc list": "List FC Ports of",
  "iscsi list": "List iSCSI Sessions of",
  "iscsi login": "Log In to iSCSI on",
  "iscsi logout": "Log Out of iSCSI on",
  "host list": "List Hosts",
  "cluster list": "List Clusters",
  "zone list": "List Zones",
  "incident list": "List Incidents",
  "incident ack": "Acknowledge",
  "incident report": "Report of",
  "shift report": "Shift Report",
  "watch show": "Show Watch",
  "watch pause": "Pause Watch of",
  "watch resume": "Resume Watch of",
  freeze: "Freeze",
  unfreeze: "Unfreeze",
  "freeze list": "List Freezes",
  "freeze schedule": "Freeze Weekly",
  "freeze unschedule": "Remove Schedule of",
  "operation list": "List Operations",
  "operation show": "Show",
  "operation stop": "Stop",
  "audit list": "Show Audit Log",
  "role ask": "Ask for It",
  "role list": "List Roles",
  "channel list": "List Bound Channels",
  "policy show": "Show Policy",
  "review list": "List Reviews",
};

/** The label of the button that runs a command with these arguments: `Rescan host3`, `Show LUN …bbe00a`. */
export function buttonLabel(command: Command, args: Readonly<Record<string, unknown>>): string {
  const verb = verbs[command.name] ?? titleCase(command.name.split(" ").at(-1) ?? "");
  if (command.name === "role ask") return verb;
  const about = command.positional.includes("wwid") ? "wwid" : command.positional[0];
  const value = about === undefined ? undefined : args[about];
  const name = typeof value === "string" ? shortName(value, about === "wwid") : "";
  return name === "" ? verb.replace(/ (of|on|to)$/, "") : `${verb} ${name}`;
}

const titleCase = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

function shortName(value: string, isWwid: boolean): string {
  if (isWwid && value.length > 8) return `…${value.slice(-6)}`;
  return value.length <= MOST_OF_A_NAME ? value : `…${value.slice(1 - MOST_OF_A_NAME)}`;
}
