import { z } from "zod";
import { SlackError } from "./slack-error.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const flat = z.record(z.string(), scalar);
const schema = z.strictObject({
  event_type: z.string().regex(/^[A-Za-z0-9_]+$/),
  event_payload: z.record(z.string(), z.union([scalar, flat, z.array(z.union([scalar, flat]))])),
});
const nothing = z.strictObject({});
/** Metadata that an app attaches to a message; people do not see it. */
export type Metadata = z.output<typeof schema>;

/** Slack publishes no number; this is the limit that others report. */
const LONGEST = 8_000;

/** Checked as Slack does; null if there is none, or for `{}`, which removes it. */
export function checkedMetadata(input: unknown): Metadata | null {
  if (input === undefined || nothing.safeParse(input).success) return null;
  const { data } = schema.safeParse(input);
  if (data === undefined) throw new SlackError("invalid_metadata_format");
  if (JSON.stringify(data).length > LONGEST) throw new SlackError("metadata_too_large");
  return data;
}
