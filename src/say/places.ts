import { z } from "zod";
import type { Channel, Conversations, Log } from "../flow/ports.ts";

const terminalPlace = z.strictObject({ terminal: z.string() });

/** Where operations were asked: in Slack, or in a terminal that is long gone, whose news go to the log. */
export const placesOf = (slack: Conversations, log: Log): Conversations => ({
  at: (place) => (terminalPlace.safeParse(JSON.parse(place)).success ? logged(place, log) : slack.at(place)),
});

const logged = (place: string, log: Log): Channel => ({
  place,
  say: async ({ reply }) => {
    log.info(reply.title);
    return "log";
  },
  revise: async (_id, { reply }, last) => {
    if (last) log.info(reply.title);
  },
});
