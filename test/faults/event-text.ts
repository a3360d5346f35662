import { textIn } from "../scenario/message-text.ts";
import type { Event } from "./timeline.ts";

/** One event as a line that a person reads. */
export function eventText(event: Event): string {
  const time = `${String(event.seq).padStart(5)} ${(event.atMs / 1000).toFixed(2).padStart(7)}`;
  return `${time} ${lineOf(event)}`;
}

function lineOf(event: Event): string {
  switch (event.kind) {
    case "action":
      return `👤 ${event.person} ${event.does}: ${event.words}`;
    case "program": {
      const end = event.answered === null ? "cut" : `${event.answered.exitCode}`;
      const real =
        event.real === null
          ? " (did not run)"
          : event.real === event.answered
            ? ""
            : ` (really ${event.real.exitCode})`;
      return `🖥  ${event.host}: ${event.argv.join(" ")} → ${end}${real}${event.changed ? " ✎" : ""}`;
    }
    case "message": {
      const { message } = event;
      const place = `${message.onlyFor === null ? "" : `only for ${message.onlyFor} `}${message.edited ? "changed" : "new"}`;
      return `💬 ${place} ${message.ts}: ${textIn(message).replaceAll("\n", " ⏎ ").slice(0, 600)}`;
    }
    case "view":
      return `🗔  ${event.view.person}: ${event.view.title}`;
    case "terminal":
      return `⌨  ${event.person}: ${event.text.replaceAll("\n", " ⏎ ").slice(0, 600)}`;
    case "trouble":
    case "form errors":
      return `⚠  ${event.person}: ${event.text}`;
    case "bot":
      return `🤖 ${event.what} ${event.text}`;
    case "fault":
      return `⚡ ${event.text}`;
    case "healed":
      return `☀  ${event.host} answers again`;
    case "outside":
      return `⚙  ${event.wwid} ${event.does}`;
    case "written":
      return `✍  a person formats ${event.wwid}`;
    case "foreign plan":
      return `👽 the plan in ${event.ts} is of another data folder`;
    case "foreign words":
      return `👽 "${event.words}" is typed to a bot on another data folder`;
    case "group":
      return `👥 in the user group are now: ${event.users.join(", ")}`;
    case "later":
      return `🕓 the bot's clock goes ahead by ${event.ms / 60_000} min`;
    case "again":
      return `🔁 all that Slack delivered comes once more, ${event.when}`;
    case "well again":
      return "☀  all is well again";
  }
}
