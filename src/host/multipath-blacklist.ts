import { hasMatch } from "./extended-regex.ts";
import { type MultipathConfig, sectionsIn } from "./multipath-config.ts";

/** Regular expressions by what they are held against; of a make's, null fits all. */
interface DiskRules {
  readonly devnode: readonly string[];
  readonly wwid: readonly string[];
  readonly protocol: readonly string[];
  readonly device: readonly { readonly vendor: string | null; readonly product: string | null }[];
}
/** Which disks multipath leaves alone, and which of them it takes all the same. */
export interface Blacklist {
  readonly rules: DiskRules;
  readonly exceptions: DiskRules;
}

export const blacklistIn = (config: MultipathConfig): Blacklist => ({
  rules: rulesIn(config, "blacklist"),
  exceptions: rulesIn(config, "blacklist_exceptions"),
});

function rulesIn(config: MultipathConfig, section: "blacklist" | "blacklist_exceptions"): DiskRules {
  const of = (name: string) =>
    config.settings.flatMap(({ path, value }) => (path === `${section}/${name}` ? [value] : []));
  const device = sectionsIn(config, `${section}/device`).map((rule) => ({
    vendor: rule.get("vendor") ?? null,
    product: rule.get("product") ?? null,
  }));
  return { devnode: of("devnode"), wwid: of("wwid"), protocol: of("protocol"), device };
}

/** As `mpathconf --disable` writes it, and as people do. */
export const isAllDisks = (devnode: string): boolean => ["*", ".*", "^.*", "^.*$"].includes(devnode);

/** What is left once a rule over all disks is taken out. */
export const withoutAllDisks = ({ rules, exceptions }: Blacklist): Blacklist => ({
  rules: { ...rules, devnode: rules.devnode.filter((pattern) => !isAllDisks(pattern)) },
  exceptions,
});

/** A disk as the rules see it. */
export interface RuledDisk {
  readonly kernelName: string;
  readonly wwid: string;
  readonly vendor: string | null;
  readonly model: string | null;
  /** `fc`, `iscsi`, `sas` … */
  readonly transport: string | null;
}

/** The rule that keeps multipath from a disk, as it is written; null where none does. Rules by udev's properties are not among them. */
export function hiddenBy(disk: RuledDisk, { rules, exceptions }: Blacklist): string | null {
  for (const by of ["devnode", "device", "protocol", "wwid"] as const) {
    const rule = ruleFor(disk, by, rules);
    if (rule !== null && ruleFor(disk, by, exceptions) === null) return rule;
  }
  return null;
}

/**
 * A blacklist of everything with exceptions is a whitelist that a person made: the lines that would take a disk into it,
 * as they stand in `blacklist_exceptions`. None where the rule that hides it is no whitelist.
 */
export function exceptionsFor(disk: RuledDisk, blacklist: Blacklist): string[] {
  const { rules, exceptions } = blacklist;
  return (["devnode", "device", "protocol", "wwid"] as const).flatMap((by) => {
    if (ruleFor(disk, by, rules) === null || ruleFor(disk, by, exceptions) !== null) return [];
    return isWhitelist(by, blacklist) ? exceptionBy(disk, by) : [];
  });
}

function isWhitelist(by: keyof DiskRules, { rules, exceptions }: Blacklist): boolean {
  if (exceptions[by].length > 0) return true;
  return by !== "device" && rules[by].some(isAllDisks) && Object.values(exceptions).some((each) => each.length > 0);
}

function exceptionBy(disk: RuledDisk, by: keyof DiskRules): string[] {
  if (by === "devnode") return [`devnode "^${disk.kernelName}$"`];
  if (by === "wwid") return [`wwid "${literally(disk.wwid)}"`];
  if (by === "device") {
    const [vendor, product] = [disk.vendor, disk.model].map((name) => (name === null ? ".*" : literally(name)));
    return [`device { vendor "${vendor}" product "${product}" }`];
  }
  const protocol = protocolOf(disk);
  return protocol === null ? [] : [`protocol "${protocol}"`];
}

/** In a regular expression these would mean something else: `2105(F20)`. A dot fits itself. */
const literally = (name: string): string => name.replaceAll(/[\\()[\]{}*+?^$|]/g, "\\$&");

function ruleFor(disk: RuledDisk, by: keyof DiskRules, rules: DiskRules): string | null {
  if (by === "device") {
    const rule = rules.device.find(
      ({ vendor, product }) => fits(vendor, disk.vendor ?? "") && fits(product, disk.model ?? ""),
    );
    if (rule === undefined) return null;
    const words = Object.entries(rule).flatMap(([name, value]) => (value === null ? [] : [`${name} "${value}"`]));
    return `device { ${words.join(" ")} }`;
  }
  const told = { devnode: disk.kernelName, wwid: disk.wwid, protocol: protocolOf(disk) }[by];
  const pattern = told === null ? undefined : rules[by].find((each) => fits(each, told));
  return pattern === undefined ? null : `${by} "${pattern}"`;
}

/** An exclamation mark before it stands for all that does not match. */
const fits = (pattern: string | null, text: string): boolean =>
  pattern === null || (pattern.startsWith("!") ? !hasMatch(pattern.slice(1), text) : hasMatch(pattern, text));

/** Multipath's name of it: `scsi:fcp`, `scsi:iscsi`; null where the host does not say how the disk is reached. */
const protocolOf = ({ transport }: RuledDisk): string | null =>
  transport === null ? null : `scsi:${transport === "fc" ? "fcp" : transport}`;
