import { z } from "zod";

/** A channel as the place of a conversation. */
export const placeOf = (channel: string): string => JSON.stringify({ channel, threadTs: null } satisfies Place);

/** A channel, or a thread in it. */
export const placeSchema = z.strictObject({ channel: z.string(), threadTs: z.string().nullable() });

export type Place = z.output<typeof placeSchema>;
