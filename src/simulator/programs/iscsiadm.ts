import { type Options, readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { logInBy, logOutOf, rescan } from "./iscsi-login.ts";
import {
  addRecord,
  bracketed,
  deleteRecord,
  flatText,
  type Record,
  recordsOf,
  recordText,
  updateRecord,
} from "./iscsi-records.ts";
import { sessionLine, sessionTree } from "./iscsi-sessions.ts";

const table = {
  mode: "value",
  op: "value",
  targetname: "value",
  portal: "value",
  type: "value",
  name: "value",
  value: "value",
  print: "value",
  login: "flag",
  logout: "flag",
  rescan: "flag",
} as const;
const letters = { m: "mode", o: "op", T: "targetname", p: "portal", t: "type", n: "name", v: "value", P: "print" };

/** The modes session, node and discovery of open-iscsi 2.1.8, with its exit codes: 21 if nothing matches. */
export const iscsiadm: Program = (args, place) => {
  const options = readOptions(args, table, { ...letters, l: "login", u: "logout", R: "rescan" });
  if (options.complaint !== null) return complained(`iscsiadm: ${options.complaint}\n`, 7);
  const at = portalIn(options.given.get("portal"));
  switch (options.given.get("mode")) {
    case "session":
      return session(options, place);
    case "node":
      return node(options, at, place);
    case "discovery":
      return at === null
        ? complained("iscsiadm: Please specify portal as <ipaddr>:[<ipport>]\n", 7)
        : discovery(options, at, place);
    default:
      return complained("iscsiadm: mode -1 is not yet supported\n", 7);
  }
};

interface At {
  readonly address: string;
  readonly port: number;
}

function portalIn(text: string | undefined): At | null {
  const [, six, four, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?/.exec(text ?? "") ?? [];
  const address = six ?? four;
  return address === undefined ? null : { address, port: Number(port ?? 3260) };
}

function session({ given }: Options, place: Place): Result {
  if (place.host.iscsiSessions.length === 0) return complained("iscsiadm: No active sessions.\n", 21);
  if (given.has("rescan")) return rescan(place.host.iscsiSessions, place);
  return printed(given.get("print") === "3" ? sessionTree(place) : place.host.iscsiSessions.map(sessionLine).join(""));
}

function node({ given }: Options, at: At | null, place: Place): Result {
  if (!place.root) return complained("iscsiadm: Maybe you are not root?\n", 6);
  const target = given.get("targetname");
  const isMeant = (one: { target: string; address: string; port: number }): boolean =>
    (target === undefined || one.target === target) &&
    (at === null || (one.address === at.address && one.port === at.port));
  if (given.get("op") === "new") return create(target, at, place);
  const sessions = place.host.iscsiSessions.filter(isMeant);
  if (given.has("rescan")) return rescan(sessions, place);
  if (given.has("logout")) return logOutOf(sessions, place);
  const records = recordsOf(place.host).filter(isMeant);
  if (records.length === 0) return complained("iscsiadm: No records found\n", 21);
  if (given.has("login")) return logInBy(records, place);
  if (given.get("op") === "update") return update(records, given, place);
  if (given.get("op") === "delete") return remove(records, place);
  return printed(records.map(target === undefined && at === null ? flatText : recordText).join(""));
}

function create(target: string | undefined, at: At | null, place: Place): Result {
  if (target === undefined || at === null) return complained("iscsiadm: No records found\n", 21);
  addRecord(place, target, at.address, at.port);
  return printed(
    `New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] ${at.address},${at.port},-1 ${target}] added\n`,
  );
}

function update(records: readonly Record[], given: Options["given"], place: Place): Result {
  const [name, value] = [given.get("name"), given.get("value")];
  if (name === undefined || value === undefined) return complained("iscsiadm: update requires name and value\n", 7);
  for (const record of records) updateRecord(place, record, name, value);
  return printed("");
}

function remove(records: readonly Record[], place: Place): Result {
  const used = records.find((record) =>
    place.host.iscsiSessions.some(
      ({ target, address, port }) => target === record.target && address === record.address && port === record.port,
    ),
  );
  if (used !== undefined) {
    return complained(
      `iscsiadm: This command will remove the record [iface: default, target: ${used.target}, portal: ${used.address},${used.port}], but a session is using it. Logout session then rerun command to remove record.\niscsiadm: Could not execute operation on all records: session exists\n`,
      15,
    );
  }
  for (const record of records) deleteRecord(place, record);
  return printed("");
}

/** SendTargets: a portal reports the address that it is configured to report. */
function discovery({ given }: Options, at: At, { san }: Place): Result {
  if (given.get("type") !== "sendtargets" || given.get("op") !== "nonpersistent") {
    return complained("iscsiadm: only sendtargets with nonpersistent is simulated\n", 7);
  }
  const isAsked = (portal: At): boolean => portal.address === at.address && portal.port === at.port;
  const targets = san.state.targets.filter(({ portals }) => portals.some((each) => isAsked(each) && each.answers));
  if (targets.length === 0) {
    return complained(
      `iscsiadm: cannot make connection to ${at.address}: Connection refused\niscsiadm: connection login retries (reopen_max) 5 exceeded\niscsiadm: Could not perform SendTargets discovery: encountered connection failure\n`,
      4,
    );
  }
  const lines = targets.flatMap(({ name, portals }) =>
    portals.map(({ told, port, group }) => `${bracketed(told)}:${port},${group} ${name}\n`),
  );
  return printed(lines.join(""));
}
