import type { San } from "../page-protocol.ts";

/** What can be broken, and what a person chooses for it. */

export type FieldName = "host" | "lun" | "path" | "portal" | "storage" | "size" | "percent";
type Word = "path-fail" | "portal-fail" | "host-down" | "lease-lost" | "unmap" | "grow" | "fill";

interface Breakage {
  readonly word: Word;
  readonly label: string;
  /** In the order of the words. */
  readonly fields: readonly FieldName[];
  /** What to do if nothing can be chosen. */
  readonly without: string;
}

export const breakages: readonly [Breakage, ...Breakage[]] = [
  {
    word: "path-fail",
    label: "A path fails",
    fields: ["host", "lun", "path"],
    without: "No host has a path that works.",
  },
  { word: "portal-fail", label: "A portal stops answering", fields: ["portal"], without: "No portal answers." },
  { word: "host-down", label: "A host loses its power", fields: ["host"], without: "All hosts are down." },
  {
    word: "lease-lost",
    label: "A host loses its lease",
    fields: ["host"],
    without: "No host has a lease. Add a storage to its cluster first.",
  },
  { word: "unmap", label: "A LUN is unmapped from a host", fields: ["host", "lun"], without: "No host sees a LUN." },
  { word: "grow", label: "A LUN grows on the array", fields: ["lun", "size"], without: "The array has no LUN." },
  {
    word: "fill",
    label: "A storage fills up",
    fields: ["storage", "percent"],
    without: "There is no storage. Add one first.",
  },
];

export const fieldLabels: Readonly<Record<FieldName, string>> = {
  host: "Host",
  lun: "LUN",
  path: "Path",
  portal: "Portal",
  storage: "Storage",
  size: "New size",
  percent: "Percent",
};

/** What is chosen, by field; a field that was not touched has no entry. */
export type Chosen = Readonly<Partial<Record<FieldName, string>>>;

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** Fields that are typed. */
export const isTyped = (field: FieldName): boolean => field === "size" || field === "percent";

/** The options of a field, if the fields before it are as chosen. What is broken already is left out. */
export function optionsOf(field: FieldName, { word }: Breakage, chosen: Chosen, san: San): Option[] {
  switch (field) {
    case "host":
      return hostsFor(word, san).map(({ name }) => ({ value: name, label: name }));
    case "lun":
      return lunsFor(word, chosen, san).map(({ wwid, label }) => ({ value: wwid, label }));
    case "path":
      return workingPaths(chosen, san).map((name) => ({ value: name, label: name }));
    case "portal":
      return portalsOf(san);
    case "storage":
      return san.storages.map(({ name, percent }) => ({ value: name, label: `${name}, ${percent} % full` }));
    case "size":
    case "percent":
      return [];
  }
}

/** Those with the most paths first. */
const portalsOf = ({ portals }: San): Option[] =>
  portals
    .filter(({ works }) => works)
    .toSorted((one, other) => other.paths - one.paths)
    .map(({ name, paths }) => ({ value: name, label: `${name}, ${paths === 1 ? "1 path" : `${paths} paths`}` }));

function hostsFor(word: Word, { hosts }: San): San["hosts"] {
  const living = hosts.filter(({ isDown }) => !isDown);
  if (word === "lease-lost") return living.filter(({ hasLease }) => hasLease);
  if (word === "path-fail") return living.filter(({ luns }) => luns.some(hasWorking));
  return word === "unmap" ? living.filter(({ luns }) => luns.length > 0) : living;
}

function lunsFor(word: Word, { host }: Chosen, { hosts, luns }: San): San["luns"] {
  if (word === "grow") return luns;
  const own = hosts.find(({ name }) => name === host)?.luns ?? [];
  const seen = word === "path-fail" ? own.filter(hasWorking) : own;
  return luns.filter(({ wwid }) => seen.some((one) => one.wwid === wwid));
}

const hasWorking = ({ paths }: San["hosts"][number]["luns"][number]): boolean => paths.some(({ works }) => works);

function workingPaths({ host, lun }: Chosen, { hosts }: San): string[] {
  const own = hosts.find(({ name }) => name === host)?.luns.find(({ wwid }) => wwid === lun);
  return own?.paths.flatMap(({ name, works }) => (works ? [name] : [])) ?? [];
}

/** Each field with a value: as chosen if that still exists, else the first option, or a size that is twice as large. */
export function settled(breakage: Breakage, chosen: Chosen, san: San): Chosen {
  let known: Chosen = {};
  for (const field of breakage.fields) {
    const value = isTyped(field) ? (chosen[field] ?? suggested(field, known, san)) : existing(field);
    if (value !== undefined) known = { ...known, [field]: value };
  }
  return known;

  function existing(field: FieldName): string | undefined {
    const options = optionsOf(field, breakage, known, san);
    return (options.find(({ value }) => value === chosen[field]) ?? options[0])?.value;
  }
}

const GIBIBYTE = 1024 ** 3;

function suggested(field: FieldName, { lun }: Chosen, { luns }: San): string {
  if (field === "percent") return "96";
  const bytes = luns.find(({ wwid }) => wwid === lun)?.sizeBytes ?? 0;
  return `${Math.ceil(bytes / GIBIBYTE) * 2}G`;
}

/** The words that break it; null if a field has no value. */
export function wordsOf({ word, fields }: Breakage, chosen: Chosen): string | null {
  const values = fields.map((field) => chosen[field]?.trim() ?? "");
  return values.every((value) => value !== "" && !/\s/.test(value)) ? [word, ...values].join(" ") : null;
}
