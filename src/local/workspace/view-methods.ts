import { z } from "zod";
import type { Office } from "./office.ts";
import { checkedModal } from "./view-rules.ts";
import { viewObject } from "./views.ts";
import { botMethod, type WebMethods } from "./web-method.ts";

/** views.*: the bot's modals. The view is checked before the trigger is used up. */
export const viewMethods = (office: Office): WebMethods => ({
  "views.open": botMethod("tier4", z.object({ trigger_id: z.string(), view: z.unknown() }), (args) => {
    const modal = checkedModal(args.view);
    const view = office.views.open(office.triggers.exchange(args.trigger_id), modal);
    return { view: viewObject(view, office.directory) };
  }),
  "views.update": botMethod(
    "tier4",
    z.object({ view_id: z.string(), hash: z.string().optional(), view: z.unknown() }),
    (args) => {
      const view = office.views.update(args.view_id, checkedModal(args.view), args.hash ?? null);
      return { view: viewObject(view, office.directory) };
    },
  ),
});
