import { z } from "zod";
import { SlackError } from "./slack-error.ts";
import { checkedHome, checkedModal } from "./view-rules.ts";
import { homeObject, viewObject } from "./views.ts";
import { botMethod, type WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

/** views.*: the bot's modals and Home tabs. The view is checked before the trigger is used up. */
export const viewMethods = (workspace: Workspace): WebMethods => ({
  "views.open": botMethod("tier4", z.object({ trigger_id: z.string(), view: z.unknown() }), (args) => {
    const modal = checkedModal(args.view);
    const view = workspace.views.open(workspace.triggers.exchange(args.trigger_id), modal);
    return { view: viewObject(view, workspace.directory) };
  }),
  "views.update": botMethod(
    "tier4",
    z.object({
      view_id: z.string().optional(),
      external_id: z.string().optional(),
      hash: z.string().optional(),
      view: z.unknown(),
    }),
    ({ view_id, external_id, hash, view: given }) => {
      const modal = checkedModal(given);
      const view = workspace.views.update(idOf(workspace, view_id, external_id), modal, hash ?? null);
      return { view: viewObject(view, workspace.directory) };
    },
  ),
  "views.publish": botMethod(
    "tier4",
    z.object({ user_id: z.string(), hash: z.string().optional(), view: z.unknown() }),
    ({ user_id, hash, view: given }) => {
      const { directory, homes } = workspace;
      if (directory.people.every(({ id }) => id !== user_id))
        throw new SlackError("invalid_arguments", ["invalid `user_id`"]);
      return { view: homeObject(homes.publish(user_id, checkedHome(given), hash ?? null), directory) };
    },
  ),
});

function idOf({ views }: Workspace, viewId: string | undefined, externalId: string | undefined): string {
  if ((viewId === undefined) === (externalId === undefined)) {
    throw new SlackError("invalid_arguments", ["[ERROR] provide exactly one of view_id and external_id"]);
  }
  return viewId ?? views.findExternal(externalId ?? "")?.id ?? "";
}
