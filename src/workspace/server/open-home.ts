import type { OpenHome } from "../page-protocol.ts";
import { directMessages } from "./directory.ts";
import { personOf } from "./user-action.ts";
import { homeObject } from "./views.ts";
import type { Workspace } from "./workspace.ts";

/** A person opens the Home tab of the app. Slack shows what was published before, and the app gets an event. */
export async function openHome(workspace: Workspace, { person: id }: OpenHome): Promise<void> {
  const { directory, homes, events, clock } = workspace;
  const person = personOf(workspace, id);
  const shown = homes.of(person.id);
  await events.deliver({
    type: "app_home_opened",
    ...{ user: person.id, channel: directMessages(person.id), tab: "home" },
    event_ts: (clock.now().getTime() / 1000).toFixed(6),
    ...(shown !== null && { view: homeObject(shown, directory) }),
  });
}
