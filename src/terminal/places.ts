import { z } from "zod";
import { type Channel, type Conversations, type Log, messageNow } from "../flow/ports.ts";

const terminalPlace = z.strictObject({ terminal: z.string() });

/**
 * The conversations of operations: in Slack, or in a closed terminal. Messages to a closed terminal go to the log. What an
 * operation causes is posted in the channel all the same, if there is one: it is the record of what happened.
 */
export const placesOf = (
  slack: Pick<Conversations, "at" | "inThread" | "withPerson">,
  log: Log,
  home: () => Channel | null,
): Conversations => ({
  withPerson: (person) => slack.withPerson(person),
  home,
  at: (place) => (isTerminal(place) ? logged(place, log) : slack.at(place)),
  inThread: (place, messageId) =>
    isTerminal(place) ? (home() ?? logged(place, log)) : slack.inThread(place, messageId),
});

const isTerminal = (place: string): boolean => terminalPlace.safeParse(JSON.parse(place)).success;

const logged = (place: string, log: Log): Channel => ({
  place,
  say: async (message) => {
    log.info(messageNow(message).reply.title);
    return "log";
  },
  find: async () => null,
  revise: async (_id, { reply }, last) => {
    if (last) log.info(reply.title);
  },
});
