import type { IncidentEvent } from "../core/incident.ts";
import type { Inline } from "../core/reply.ts";

/** An event in one line, after its time: `grew: 4 findings, first: sdc on host1 is failed`, `acknowledged by @ann`. */
export function eventLine({ kind, by, text }: IncidentEvent): Inline[] {
  const who: Inline[] = by === null ? [] : [" by ", { person: by, isQuiet: true }];
  if (kind === "assigned") return ["assigned to ", { person: text }, ...who];
  if (kind === "joined") return [text];
  if (kind === "break-glass") return [{ bold: "BREAK-GLASS" }, ...who, `: ${text}`];
  const words = names[kind] ?? kind;
  return [words, ...who, text === "" ? "" : `: ${text}`];
}

const names: Readonly<Partial<Record<IncidentEvent["kind"], string>>> = {
  opened: "reported",
  quiet: "nothing is found any more",
  mentioned: "on call mentioned",
  alert: "alert of another monitoring",
};
