import { z } from "zod";
import { REPORT } from "../core/limits.ts";
import { ignored, type Note, OutputNotUnderstood, parseEach } from "../core/not-understood.ts";
import { reportIn, rowOf } from "./output.ts";

/**
 * Reports take no lock. Even with --readonly, lvmlockd takes the global lock and the group's lock from sanlock. That
 * writes on the disk, makes each report seconds slower, and delays or breaks a change of another host (seen in the
 * lab). --nolocking has the same effect, but LVM before 2.03 does not know it. Without locks, LVM uses its hints
 * (/run/lvm/hints) unless they are off. They don't contain what another host wrote since then.
 */
const WITHOUT_LOCKS = 'global/use_lvmlockd=0 devices/hints="none"';

/**
 * lvm.conf can change the format of reports. These settings restore the default format. Versions that don't know a
 * setting ignore it.
 */
const AS_SHIPPED = [
  ...[
    'log/prefix=""',
    "log/command_names=0",
    "log/indent=1",
    "log/verbose=0",
    "log/silent=0",
    "log/report_command_log=0",
  ],
  ...["report/aligned=1", "report/buffered=1", "report/headings=1", "report/prefixes=0", "report/quoted=1"],
  ...['report/separator=" "', 'report/list_item_separator=","', "report/columns_as_rows=0", "report/colums_as_rows=0"],
  ...[
    "report/compact_output=0",
    'report/compact_output_cols=""',
    "report/binary_values_as_numeric=0",
    "report/mark_hidden_devices=1",
  ],
  ...['report/time_format="%Y-%m-%d %T %z"', "report/two_word_unknown_device=0"],
  // LVM prints one of a disk's names. These names identify a LUN on every host; an administrator's own link does not.
  'devices/preferred_names=["^/dev/mapper/","^/dev/sd","^/dev/nvme","^/dev/dm-"]',
].join(" ");

/**
 * A disk in use must never seem free because LVM's settings hide it. Filters hide disks (ZStack's agent sets one), and
 * so does the devices file of RHEL 9. lvmetad of RHEL 7 does not know what another host wrote. Versions that don't know
 * a setting ignore it.
 */
const SEE_ALL = `${WITHOUT_LOCKS} devices/use_devicesfile=0 global/use_lvmetad=0 devices/filter=["a|.*|"] devices/global_filter=["a|.*|"]`;

/** Keeps the host's filters: LVM can work with the disks that it reports so. The data still comes from the disks. */
export const AS_SET = `${WITHOUT_LOCKS} global/use_lvmetad=0`;

/**
 * A report that takes no lock and repairs nothing. Without --shared a host that has use_lvmlockd=0 hides the volume
 * groups of others, and without --foreign those of another system id.
 */
export const report = (
  program: "vgs" | "pvs" | "lvs",
  fields: string,
  config: string = SEE_ALL,
): readonly [string, ...string[]] => [
  ...([program, "--readonly", "--foreign", "--shared"] as const),
  ...["--reportformat", "json", "--units", "b", "--nosuffix", "--config", `${config} ${AS_SHIPPED}`, "-o", fields],
];

const reportSchema = z.object({ report: z.array(z.unknown()) });
const listSchemas = {
  vg: z.object({ vg: z.array(z.unknown()) }).transform(({ vg }) => vg),
  pv: z.object({ pv: z.array(z.unknown()) }).transform(({ pv }) => pv),
  lv: z.object({ lv: z.array(z.unknown()) }).transform(({ lv }) => lv),
};

/** `{"report": [{"vg": [{…}]}]}`; a report without its list (an unknown field was asked for) is an error, not "none". */
export function rowsOf<T>(
  program: string,
  list: "vg" | "pv" | "lv",
  stdout: string,
  read: (row: unknown) => readonly T[],
  note: Note = ignored,
): T[] {
  const { report } = rowOf(program, reportSchema, reportIn(program, stdout, REPORT, note));
  const lists = report.filter(isNoLog).map((part) => rowOf(program, listSchemas[list], part));
  if (lists.length === 0) throw new OutputNotUnderstood(program, JSON.stringify({ report }), `a list "${list}"`);
  return parseEach(lists.flat(), read, (row) => namesOf(row, list), note);
}

const anyRow = z.record(z.string(), z.unknown());
const NAMES = ["pv_name", "pv_uuid", "vg_name", "vg_uuid", "lv_name", "lv_uuid"] as const;

/** `log/report_command_log` in LVM's settings adds a list of its own. */
const logSchema = z.strictObject({ log: z.array(z.unknown()) });
const isNoLog = (part: unknown): boolean => !logSchema.safeParse(part).success;

/** The name by which decisions find a row: a disk, or a volume group. */
const ASKED_BY = { vg: "vg_name", pv: "pv_name", lv: "vg_name" } as const;

/** What a row that is not understood may be about. null if it lacks the name that decisions use. */
function namesOf(row: unknown, list: keyof typeof ASKED_BY): string[] | null {
  const { data } = anyRow.safeParse(row);
  const reported = (name: string): string[] =>
    typeof data?.[name] === "string" && data[name] !== "" ? [data[name]] : [];
  return reported(ASKED_BY[list]).length === 0 ? null : NAMES.flatMap(reported);
}

/** A value that LVM prints as an empty string, or not at all, is null. */
export const text = z
  .string()
  .nullish()
  .transform((printed) => printed?.trim() || null);
export const count = z.union([
  z.int().nonnegative(),
  z
    .string()
    .trim()
    .regex(/^\d+B?$/, "expected a number")
    .transform(Number.parseFloat),
]);
