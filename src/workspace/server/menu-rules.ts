import { z } from "zod";
import { actionId, anyText, plainText } from "./text-rules.ts";

/** Slack's rules of menus and checkboxes in input blocks. */

const value = z.string().min(1).max(150);

const option = z.strictObject({ text: plainText(75), value, description: plainText(75).optional() });
export type Option = z.output<typeof option>;
const group = z.strictObject({ label: plainText(75), options: z.array(option).max(100) });

/** An app's answer to a `block_suggestion`: options in one list, or in groups. */
export const suggestion = z
  .strictObject({
    options: z.array(option).max(100).optional(),
    option_groups: z.array(group).max(100).optional(),
  })
  .refine(
    ({ options, option_groups }) => (options === undefined) !== (option_groups === undefined),
    "must provide exactly one of options and option_groups",
  );
export type Suggestion = z.output<typeof suggestion>;

const menu = {
  action_id: actionId,
  /** The number of typed characters after which the app is asked. */
  min_query_length: z.number().int().min(0).default(3),
  placeholder: plainText(150).optional(),
  focus_on_load: z.boolean().optional(),
};
export const externalSelect = z.strictObject({
  type: z.literal("external_select"),
  ...menu,
  initial_option: option.optional(),
});
export const multiExternalSelect = z.strictObject({
  type: z.literal("multi_external_select"),
  ...menu,
  initial_options: z.array(option).min(1).max(100).optional(),
  max_selected_items: z.number().int().min(1).optional(),
});

export const usersSelect = z.strictObject({
  type: z.literal("users_select"),
  action_id: actionId,
  placeholder: plainText(150).optional(),
  initial_user: z.string().min(1).optional(),
  focus_on_load: z.boolean().optional(),
});

const box = z.strictObject({ text: anyText(75), value, description: anyText(75).optional() });
export type Box = z.output<typeof box>;
export const checkboxes = z.strictObject({
  type: z.literal("checkboxes"),
  action_id: actionId,
  options: z.array(box).min(1).max(10),
  focus_on_load: z.boolean().optional(),
});
