import { z } from "zod";
import type { Membership } from "../core/access-facts.ts";

const channelSchema = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
  }),
});

/** What the answer of `conversations.info` says of the bot. */
export function membershipIn(info: unknown): Membership {
  const { is_member, is_im, is_mpim } = channelSchema.parse(info).channel;
  return is_im || is_mpim ? "direct" : is_member ? "member" : "none";
}
