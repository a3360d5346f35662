/** The meaning of an error code, and the general fix. */
interface CodeText {
  readonly meaning: string;
  readonly fix: string;
}

/**
 * Every error that an operator can get, the gravest first. If an error has several reasons, it shows the code that
 * comes first here. `npm run errors` writes docs/ERRORS.md from this table.
 */
export const errorCodes = {
  // Data that is in use, or may be in use.
  LUN_IN_USE: {
    meaning: "A host, a VM, a process, a mount point or an export uses the LUN now.",
    fix: "end that use, then send the command again",
  },
  LUN_MAY_BE_IN_USE: {
    meaning: "A host can't say for certain that nothing uses the LUN.",
    fix: "let the host answer completely, then send the command again",
  },
  VOLUME_IN_USE: {
    meaning: "A logical volume of the storage is open on a host.",
    fix: "stop or migrate the VM that uses the volume, then send the command again",
  },
  VOLUMES_EXIST: {
    meaning: "The storage still has logical volumes, and their data would be lost.",
    fix: "move the data, or confirm the loss with volumes=destroy",
  },
  LUN_OWNED: {
    meaning: "The LUN belongs to a storage, or an unfinished command reserved it for one.",
    fix: "choose another LUN, or finish or undo what reserved it",
  },
  LUN_HAS_DATA: {
    meaning: "There is data on the LUN, and the command does not say that it may be destroyed.",
    fix: "choose another LUN, or add wipe=true if the data may be lost",
  },
  LUN_AMBIGUOUS: {
    meaning: "Two LUNs look like one, or one looks like two: a wrong map, a reused number or a clone.",
    fix: "correct the paths on the named host or the LUNs on the array, then send the command again",
  },
  FOREIGN_HOST: {
    meaning: "A host that is not in the inventory uses the storage.",
    fix: "add that host to the inventory, or stop the storage on it",
  },
  LEASE_LOST: {
    meaning: "A host lost its sanlock lease while it used the storage: other hosts may lock its volumes now.",
    fix: "stop the VMs of that storage on that host and deactivate its volumes, or reboot the host",
  },
  HOST_KEY_CHANGED: {
    meaning: "A host shows another SSH key than the one that a person confirmed, so nothing is sent to it.",
    fix: "find out whether the host was reinstalled; if the new key is right, send host trust with its name",
  },
  HOST_ALIVE: {
    meaning: "A host that would be removed as dead answers, or renewed its lease lately.",
    fix: "switch the host off, or remove it without force=true",
  },
  // Hosts.
  HOST_UNREACHABLE: {
    meaning: "A host did not answer over SSH, so nobody knows what it uses.",
    fix: "make the host reachable over SSH, then send the command again",
  },
  HOST_NOT_ASKED: {
    meaning: "A host of another cluster could not be asked whether it uses the LUN.",
    fix: "make the host answer, or name it with unasked=HOST if it is off or can't see the LUN",
  },
  HOST_UNREADABLE: {
    meaning: "A tool on a host failed, timed out or printed something unexpected, so its answer is incomplete.",
    fix: "correct what the reason names on that host, then send the command again",
  },
  OUTPUT_NOT_UNDERSTOOD: {
    meaning: "A tool on a host printed what the bot does not understand about this object.",
    fix: "check the named object on that host; report the output if it is correct",
  },
  HOST_NOT_READY: {
    meaning: "A host lacks a package, a service or a setting that the command needs.",
    fix: "prepare the host, then send the command again",
  },
  NO_HOSTS: {
    meaning: "There is no host that could run the command.",
    fix: "add a host to the cluster",
  },
  // LUNs, maps and paths.
  LUN_NOT_SEEN: {
    meaning: "A host does not see a LUN that it needs.",
    fix: "map the LUN to the host on the array, then rescan the host",
  },
  LUN_STILL_OFFERED: {
    meaning: "The array still offers the LUN, so its paths would come back.",
    fix: "unmap the LUN on the array, then send the command again",
  },
  LUN_UNSUITABLE: {
    meaning: "The LUN can't carry a storage: too small, read-only, another sector size, or no usable WWID.",
    fix: "change the LUN on the array, or choose another one",
  },
  MAP_NOT_USABLE: {
    meaning: "A host has no complete multipath map of the LUN, or no working path to it.",
    fix: "repair multipath on that host, then send the command again",
  },
  SIZE_UNCLEAR: {
    meaning: "Hosts or paths report different sizes of one LUN, or a LUN became smaller.",
    fix: "rescan the hosts, or correct the LUN on the array",
  },
  GROUP_INCOMPLETE: {
    meaning: "A host does not see the whole volume group, or hosts see it differently.",
    fix: "connect every LUN of the storage to that host, then send the command again",
  },
  CONTENT_CHANGED: {
    meaning: "The content of a disk or a file is not what the plan was made for.",
    fix: "send the command again and read the new plan",
  },
  BACKUP_NOT_USABLE: {
    meaning: "No kept backup fits the LUN.",
    fix: "name another backup with at=, or restore the LUN from your own backup",
  },
  ISCSI_CONFLICT: {
    meaning: "The iSCSI sessions, portals or names of the hosts don't fit the command.",
    fix: "correct the named session, portal or initiator name",
  },
  CONFIG_NOT_READABLE: {
    meaning: "A configuration file on a host is not well-formed, so the bot does not change it.",
    fix: "correct the named line by hand, then send the command again",
  },
  // Storages and the inventory.
  STORAGE_ATTACHED: {
    meaning: "The storage is attached to a cluster, or the cluster has another storage.",
    fix: "detach the storage first",
  },
  STORAGE_NOT_ATTACHED: {
    meaning: "The storage is not attached to the cluster, or to none with hosts.",
    fix: "attach the storage first",
  },
  STORAGE_UNFINISHED: {
    meaning: "A command on this storage was interrupted and must be finished first.",
    fix: "send the interrupted command again",
  },
  WRONG_STATE: {
    meaning: "The desired state of the object does not allow the command.",
    fix: "change the state first",
  },
  LOCK_STATE: {
    meaning: "The locks of the storage on a host are not in the state that the command needs.",
    fix: "reconnect the storage on that host",
  },
  NOTHING_TO_DO: {
    meaning: "Everything is already as the command asks.",
    fix: "nothing needs to be fixed",
  },
  CANT_BE_FIXED: {
    meaning: "The bot can't fix what is wrong on any of the hosts.",
    fix: "fix the named reasons on the hosts, then send the command again",
  },
  NOT_EMPTY: {
    meaning: "The object still contains others.",
    fix: "remove what it contains first",
  },
  NAME_TAKEN: {
    meaning: "The name or the address is used already.",
    fix: "choose another name",
  },
  NOT_FOUND: {
    meaning: "There is no object of this name.",
    fix: "type an existing name",
  },
  AMBIGUOUS_NAME: {
    meaning: "The name means more than one object.",
    fix: "type the full WWID",
  },
  CANT_COMBINE: {
    meaning: "Two arguments of the command exclude or require each other.",
    fix: "correct the named argument",
  },
  // Steps that a person confirmed. What a guard finds has its own code.
  STEP_FAILED: {
    meaning: "The command of a step ended with an error on a host.",
    fix: "correct what the reason names, then send the same command again",
  },
  STEP_UNKNOWN: {
    meaning: "A host did not report the end of a step, so nobody knows whether the step took effect.",
    fix: "send the same command again: the bot checks first and runs only what is missing",
  },
  STEP_NOT_PROVEN: {
    meaning: "A host does not show what the steps before must have reached.",
    fix: "correct what the reason names, then send the same command again",
  },
  STEP_NOT_BEGUN: {
    meaning: "A host or the bot refused a step, so its command was not run.",
    fix: "correct what the reason names, then send the same command again",
  },
  // Commands, clicks and forms.
  UNKNOWN_COMMAND: {
    meaning: "There is no such command.",
    fix: "type a command of the help",
  },
  WRONG_ARGUMENTS: {
    meaning: "An argument is missing, unknown or has a wrong value.",
    fix: "correct the named arguments",
  },
  UNREADABLE_LINE: {
    meaning: "The line has an open quote, a control character or too many characters.",
    fix: "correct the line at the named column",
  },
  ROLE_MISSING: {
    meaning: "The person does not have the role that the command needs, or not for these clusters.",
    fix: "ask an admin for the role, or a person who has it to send the command",
  },
  ROLE_UNKNOWN: {
    meaning: "Slack did not say what the person is or who is in a user group, so nobody knows their role.",
    fix: "send it again in a minute",
  },
  CLUSTER_ELSEWHERE: {
    meaning: "A cluster is changed only in another channel: an admin bound it with `channel bind`.",
    fix: "send the command in the named channel",
  },
  LAST_ADMIN: {
    meaning: "Without this grant nobody would be admin of all clusters, and nobody could give roles.",
    fix: "make another person admin first, or set ADMINS",
  },
  NO_ADMINS: {
    meaning: "Nobody has a role with which anything can be changed.",
    fix: "set ADMINS to the Slack ids of the first admins and restart the bot",
  },
  NO_CHANNEL: {
    meaning: "A change from a terminal or from the Home needs a channel in which it is reported.",
    fix: "set CHANNELS to the ids of the channels where the bot is used and restart the bot",
  },
  NOT_IN_CHANNEL: {
    meaning: "The bot does not accept commands in this place, or is not a member of the channel.",
    fix: "invite the bot to the channel, or use a channel of CHANNELS",
  },
  MEMBERSHIP_UNKNOWN: {
    meaning: "Slack did not say who is a member of the channel, so nothing is changed or shown.",
    fix: "send it again in a moment, or name the channel in CHANNELS",
  },
  DIRECT_MESSAGE: {
    meaning: "Changes are not made in a direct message: the channel is the record that others read.",
    fix: "send the command in a channel where the bot is a member",
  },
  FOREIGN_WORKSPACE: {
    meaning: "The person belongs to another Slack workspace.",
    fix: "ask a colleague of the bot's own workspace",
  },
  TOO_LATE: {
    meaning: "Slack delivered the command or the click too late, or a second time.",
    fix: "send the command again",
  },
  PLAN_EXPIRED: {
    meaning: "Nobody confirmed the plan in time.",
    fix: "send the command again and confirm the new plan",
  },
  PLAN_CHANGED: {
    meaning: "The hosts or the inventory differ from what the plan showed.",
    fix: "send the command again and read the new plan",
  },
  INCIDENT_OVER: {
    meaning: "The incident is resolved, so nobody can take it, silence it or resolve it any more.",
    fix: "read it with `incident show`; if its cause comes back, it opens again",
  },
  NOTES_FULL: {
    meaning: "The incident has as many notes as it can keep.",
    fix: "write it in the incident's thread",
  },
  WATCH_OFF: {
    meaning: "The bot does not watch the hosts, because WATCH=off.",
    fix: "set WATCH=on, then start the bot again",
  },
  PLAN_NOT_KNOWN: {
    meaning: "The plan or the button belongs to another bot, another data folder, another place or an earlier version.",
    fix: "send the command again and confirm the new plan",
  },
  PLAN_ENDED: {
    meaning: "The plan was confirmed, cancelled or refused before.",
    fix: "send the command again if it is still needed",
  },
  SECOND_PERSON: {
    meaning: "The plan needs a second person: an approver who neither asked for it nor confirms it.",
    fix: "ask an approver to approve the plan",
  },
  PLAN_TOO_LONG: {
    meaning: "The plan does not fit in a message, and its file could not be uploaded.",
    fix: "give the app the scopes of manifest.yaml, or change fewer objects at once",
  },
  WRONG_CONFIRMATION: {
    meaning: "What was typed into the form is not what it asks for.",
    fix: "type exactly what the form asks for",
  },
  FROZEN: {
    meaning: "A person or a schedule froze the cluster, so no change of it begins. A damaged record counts as frozen.",
    fix: "wait until the freeze ends, or end it; `freeze list` shows it",
  },
  BUSY: {
    meaning: "Another operation changes the same objects, or too many questions or plans are open.",
    fix: "wait for their end, then send the command again",
  },
  // Slack, the data folder and the bot's start.
  SLACK_FAILED: {
    meaning: "Slack did not accept a message that the bot must post.",
    fix: "send the command again in a minute",
  },
  DATA_NOT_WRITTEN: {
    meaning: "A file in the data folder could not be written, so nothing was begun.",
    fix: "make room on the disk of the bot, then send the command again",
  },
  AUDIT_LOG_DAMAGED: {
    meaning: "The audit log has lines that don't fit their hashes.",
    fix: "compare audit.jsonl with a backup; `audit verify` checks it",
  },
  AUDIT_NOT_FORWARDED: {
    meaning: "Another system that gets the audit log did not take its entries for some minutes.",
    fix: "correct what the reason names; the bot tries again by itself, and none is lost",
  },
  BOT_STOPPED: {
    meaning: "The bot was stopped before it could answer.",
    fix: "start the bot, then send the same command again",
  },
  TERMINAL_REFUSED: {
    meaning: "The bot does not accept this from a terminal now.",
    fix: "wait for the answer, or use the `say` of the bot's own version",
  },
  HOSTS_ARE_REAL: {
    meaning: "The words of `npm run san` change only simulated hosts.",
    fix: "set HOSTS=simulated and DATA_DIR to another folder, then start the bot again",
  },
  CONFIG_INVALID: {
    meaning: "An environment variable or a file of the configuration can't be used.",
    fix: "correct the named variable; .env.example explains each",
  },
  DATA_FOLDER_UNUSABLE: {
    meaning: "The data folder is in use by another bot, open to other users, or damaged.",
    fix: "correct what the reason names, then start the bot again",
  },
} as const satisfies Readonly<Record<string, CodeText>>;

export type ErrorCode = keyof typeof errorCodes;

const order = Object.keys(errorCodes);

/** The gravest of several codes. */
export const gravest = (codes: readonly [ErrorCode, ...ErrorCode[]]): ErrorCode =>
  codes.reduce((first, each) => (order.indexOf(each) < order.indexOf(first) ? each : first));
