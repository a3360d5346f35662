import { createHash } from "node:crypto";
import { z } from "zod";
import type { OutsideAlert } from "../watch/outside-alert.ts";

/** Alertmanager's webhook has five levels: the message, its alerts, an alert, its labels. */
const DEEPEST = 8;
/** Alertmanager's `max_alerts` keeps a message below this. */
const MOST_ALERTS = 200;
const MOST_LABELS = 64;
const LONGEST_VALUE = 4_096;

const labelsSchema = z
  .record(z.string().max(200), z.string().max(LONGEST_VALUE))
  .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `more than ${MOST_LABELS}`);

/** The webhook of Alertmanager, version 4. What it has in addition is ignored. */
const webhookSchema = z.object({
  version: z.literal("4"),
  alerts: z
    .array(
      z.object({
        status: z.enum(["firing", "resolved"]),
        labels: labelsSchema,
        annotations: labelsSchema.default({}),
        fingerprint: z
          .string()
          .regex(/^[0-9a-f]{1,64}$/)
          .optional(),
      }),
    )
    .max(MOST_ALERTS),
});

type ReadWebhook = { readonly alerts: readonly OutsideAlert[] } | { readonly problem: string };

/** Reads the body of a request. A problem names the field, and never repeats what was sent. */
export function readWebhook(body: string): ReadWebhook {
  if (isDeeper(body, DEEPEST)) return { problem: `JSON of more than ${DEEPEST} levels` };
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { problem: "no JSON" };
  }
  const read = webhookSchema.safeParse(json);
  if (!read.success) return { problem: problemOf(read.error) };
  return {
    alerts: read.data.alerts.map(({ status, labels, annotations, fingerprint }) => ({
      fingerprint: fingerprint ?? fingerprintOf(labels),
      name: labels.alertname ?? "",
      isFiring: status === "firing",
      labels,
      summary: annotations.summary ?? annotations.description ?? annotations.message ?? null,
    })),
  };
}

/** For a sender that leaves it out. */
const fingerprintOf = (labels: Readonly<Record<string, string>>): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(labels).sort()))
    .digest("hex")
    .slice(0, 16);

/** Only names of the schema: a key of the sender's own may be as long as the message. */
function problemOf({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.filter((part) => typeof part === "number" || known.includes(String(part))).join(".") ?? "";
  return `not a webhook of Alertmanager, version 4: ${path === "" ? "the message" : path} is not valid`;
}
const known = ["version", "alerts", "status", "labels", "annotations", "fingerprint"];

/** Checked before it is parsed: deep JSON takes the parser's stack. */
function isDeeper(text: string, deepest: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") {
      depth++;
      if (depth > deepest) return true;
    } else if (character === "}" || character === "]") depth--;
  }
  return false;
}
