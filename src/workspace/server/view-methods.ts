import { z } from "zod";
import { checkedModal } from "./view-rules.ts";
import { viewObject } from "./views.ts";
import { botMethod, type WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

/** views.*: the bot's modals. The view is checked before the trigger is used up. */
export const viewMethods = (workspace: Workspace): WebMethods => ({
  "views.open": botMethod("tier4", z.object({ trigger_id: z.string(), view: z.unknown() }), (args) => {
    const modal = checkedModal(args.view);
    const view = workspace.views.open(workspace.triggers.exchange(args.trigger_id), modal);
    return { view: viewObject(view, workspace.directory) };
  }),
  "views.update": botMethod(
    "tier4",
    z.object({ view_id: z.string(), hash: z.string().optional(), view: z.unknown() }),
    (args) => {
      const view = workspace.views.update(args.view_id, checkedModal(args.view), args.hash ?? null);
      return { view: viewObject(view, workspace.directory) };
    },
  ),
});
