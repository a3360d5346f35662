import { NEEDED_PACKAGES } from "../packages.ts";
import { PERL } from "./perl.ts";

const literal = (text: string): string => text.replace(/[^A-Za-z0-9_-]/g, (character) => `\\${character}`);
const oneOf = (words: readonly string[]): string => words.map(literal).join("|");

const HEX_32 = "[0-9a-f]{32}";
/** A name in a path: no slash, not `.` and not `..`. */
const NAME = "[A-Za-z0-9_+:@%=,-][A-Za-z0-9_.+:@%=,-]{0,254}";
/** Of a device map in a string that sanlock splits at colons. */
const MAP_NAME = "[A-Za-z0-9_+@%=,-][A-Za-z0-9_.+@%=,-]{0,254}";
const WWID = "[0-9A-Za-z][0-9A-Za-z_.:-]{7,127}";
const HOST_NAME = "[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?";
const TARGET = "[a-z][A-Za-z0-9.:_-]{3,222}";
const ADDRESS = "[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-f:.]{2,45}";
const VOLUME = "[A-Za-z0-9+_][A-Za-z0-9+_.-]{0,126}";
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** The text of sed's `a`: a backslash is doubled, so none of them continues or ends the text. */
const SED_TEXT = "(?:[^\\x00-\\x1f\\x5c]|\\x5c\\x5c){0,512}";
/** A vendor or product for multipath: printable, often a regular expression. No quote, backslash, brace or comment. */
const MAKE = "[A-Za-z0-9 _.,:;/+*?^\\x24|()\\[\\]<>&~@%=-]{0,100}";

const PACKAGES = [...NEEDED_PACKAGES.flatMap(({ rhel, debian }) => [rhel, debian]), ...Object.values(PERL.packages)];
const UNITS = [
  ...["sanlock.service", "lvmlockd.service", "lvm2-lvmlockd.service", "wdmd.service", "multipathd.service"],
  ...["iscsid.service", "open-iscsi.service", "iscsi-starter.service", "iscsi.service"],
];

/**
 * What the words in angle brackets may be, as regular expressions that JavaScript and Perl understand alike. Each must
 * match the complete text, and none may match the byte 0.
 */
export const CLASSES: Readonly<Record<string, string>> = {
  backup: `${WWID}-[0-9]{14}`,
  chap: [
    "\\x24a\\x5c\\x0anode\\.session\\.auth\\.authmethod = CHAP",
    `\\x5c\\x0anode\\.session\\.auth\\.username = ${SED_TEXT}`,
    `\\x5c\\x0anode\\.session\\.auth\\.password = ${SED_TEXT}\\x0a`,
    `${literal("/^node\\.session\\.auth\\.\\(authmethod\\|username\\|password\\) *=/d")}\\x0a`,
  ].join(""),
  disk: `/dev/(?:sd[a-z]{1,4}|nvme[0-9]{1,4}n[0-9]{1,4}|dm-[0-9]{1,5}|mapper/${NAME}|disk/by-id/${NAME})`,
  file: `beginning\\.bin|byte-[0-9]{1,19}\\.bin|wipefs-${NAME}\\.bak`,
  group: "[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}",
  hostname: HOST_NAME,
  lockspace: `lvm_${HEX_32}:[0-9]{1,4}:/dev/mapper/${MAP_NAME}:[0-9]{1,15}`,
  lun: `/dev/disk/by-id/(?:dm-uuid-mpath|scsi)-${WWID}`,
  map: "[A-Za-z0-9_.:@+][A-Za-z0-9_.:@+=,-]{0,127}",
  module: oneOf(["dm-multipath", "dm-round-robin"]),
  "node-file": [
    `/(?:var/lib|etc)/iscsi/nodes/${TARGET}/(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9a-f:]{2,45}),[0-9]{1,5}`,
    "(?:,[0-9]{1,5}/[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63})?",
  ].join(""),
  number: "[0-9]{1,19}",
  one: "1\\x0a",
  orphan: `lvm_${HEX_32}:[A-Za-z0-9-]{1,64}:/dev/mapper/${MAP_NAME}:[0-9]{1,15}:[0-9]{1,10}`,
  package: oneOf([...new Set(PACKAGES)]),
  path: "/[^\\x00]{0,4095}",
  portal: `(?:${ADDRESS}|\\[[0-9a-f:.]{2,45}\\]|${HOST_NAME}):[0-9]{1,5}`,
  running: "running\\x0a",
  scan: "- - -\\x0a",
  "scsi-disk": "sd[a-z]{1,4}",
  "settings-folder": "lvm|modules-load\\.d|sanlock",
  storage: HEX_32,
  tag: `zs::${"[A-Za-z0-9_+.:/=!&#-]{1,250}"}`,
  target: TARGET,
  text: "[^\\x00\\x0a]{1,255}",
  time: "[0-9]{14}",
  unit: oneOf(UNITS),
  uuid: UUID,
  "vm-script": `(?:echo vm [0-9]{1,5} now; dumpxml ${UUID}; echo vm [0-9]{1,5} next; dumpxml --inactive ${UUID}; )*echo vm end`,
  volume: VOLUME,
  wwid: WWID,

  // Settings that the bot changes in a line of a file, and whole lines that it adds. A value has no character that the
  // program of the file reads in another way: LVM knows \" and '…', multipath ends a line at a carriage return.
  "lvm-setting": [
    "(?:(?:local|global|devices)/)?(?:host_id|use_lvmlockd|sanlock_lv_extend|lvmlockd_lock_retries|issue_discards",
    "|use_lvmetad|use_devicesfile)[ \\t]*=[ \\t]*[0-9]{1,10}",
  ].join(""),
  "lvm-line": "|\\}|(?:local|global|devices) \\{",
  "multipath-setting": '(?:find_multipaths|user_friendly_names)[ \\t]+(?:"[a-z0-9]{1,10}"|[a-z0-9]{1,10})',
  "multipath-line": `|\\}|(?:defaults|overrides|devices|device) \\{|(?:vendor|product) "${MAKE}"`,
  "sanlock-setting": "use_watchdog[ \\t]*=[ \\t]*0",
  "sanlock-line": "",
  "hosts-setting": "(?!)",
  "hosts-line": [
    "\\x23 BEGIN hosts of this cluster, kept by zstack-chatops|\\x23 END hosts of this cluster",
    `(?:${ADDRESS}) ${HOST_NAME}`,
  ].join("|"),
  "modules-setting": "(?!)",
  "modules-line": oneOf(["dm-multipath", "dm-round-robin"]),
};
