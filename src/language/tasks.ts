/** Tasks, and the commands for each. Each command is in one task; a test checks that none is missing. */
export const tasks: readonly (readonly [task: string, names: readonly string[]])[] = [
  ["Faults", ["cluster check", "sharedblock reconnect"]],
  [
    "LUNs, paths, storages",
    [
      ...["lun list", "lun show", "lun history", "multipath status", "multipath history"],
      ...["fc list", "iscsi list", "cluster map"],
      ...["sharedblock list", "sharedblock show", "sharedblock volumes", "sharedblock capacity"],
    ],
  ],
  [
    "Add, grow or name a storage",
    [
      ...["sharedblock add", "sharedblock extend", "sharedblock resize", "sharedblock import", "sharedblock attach"],
      ...["sharedblock rename", "sharedblock describe"],
    ],
  ],
  [
    "Stop or remove",
    [
      ...["sharedblock disable", "sharedblock maintain", "sharedblock enable", "sharedblock detach"],
      ...["sharedblock delete", "lun forget", "lun rescue"],
    ],
  ],
  [
    "Hosts",
    [
      ...["host list", "host show", "host add", "host prepare", "host rescan", "host remove"],
      ...["multipath enable", "iscsi login", "iscsi logout"],
    ],
  ],
  [
    "Inventory",
    [
      ...["inventory", "zone list", "zone add", "zone remove"],
      ...["cluster list", "cluster show", "cluster add", "cluster remove", "host trust"],
    ],
  ],
  [
    "Incidents",
    [
      ...["incident list", "incident show", "incident ack", "incident assign", "incident silence"],
      ...["incident note", "incident resolve", "incident report", "shift report"],
      ...["watch show", "watch pause", "watch resume"],
    ],
  ],
  [
    "History",
    [
      ...["operation list", "operation show", "operation stop", "audit list"],
      ...["audit show", "audit export", "audit verify"],
    ],
  ],
  [
    "Trust",
    [
      ...["approve", "reject", "break-glass", "review list", "review close"],
      ...["policy show", "policy set", "policy unset"],
      ...["freeze list", "freeze", "unfreeze", "freeze schedule", "freeze unschedule"],
      ...["role show", "role list", "role ask", "role grant", "role revoke"],
      ...["channel list", "channel bind", "channel unbind"],
    ],
  ],
];

/** Tasks of which the first screen shows only the groups: few people type these commands. */
export const shownByGroup: readonly string[] = ["History", "Trust"];

/** The ten most used commands, each in a few words. A line of a phone has about 45 characters. */
export const mostUsed: readonly (readonly [name: string, what: string])[] = [
  ["cluster check", "what's wrong"],
  ["lun list", "all LUNs"],
  ["lun show", "is it free?"],
  ["multipath status", "paths"],
  ["sharedblock list", "the storages"],
  ["sharedblock show", "one storage"],
  ["sharedblock add", "new storage"],
  ["sharedblock extend", "more LUNs"],
  ["sharedblock reconnect", "fix its hosts"],
  ["host rescan", "find new LUNs"],
];
