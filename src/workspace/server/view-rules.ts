import { z } from "zod";
import { homeBlocks, modalBlocks } from "./block-rules.ts";
import { checked } from "./checked-blocks.ts";
import { SlackError } from "./slack-error.ts";
import { plainText } from "./text-rules.ts";

const modal = z
  .strictObject({
    type: z.literal("modal"),
    title: plainText(24),
    blocks: modalBlocks,
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    private_metadata: z.string().max(3000).optional(),
    callback_id: z.string().max(255).optional(),
    external_id: z.string().max(255).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
  })
  .refine(
    ({ blocks, submit }) => submit !== undefined || blocks.every(({ type }) => type !== "input"),
    "submit is required when an input block is within the blocks array",
  );

const home = z.strictObject({
  type: z.literal("home"),
  blocks: homeBlocks,
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
});
const view = z.discriminatedUnion("type", [modal, home]);

export type Modal = z.output<typeof modal>;
export type Home = z.output<typeof home>;

export function checkedModal(input: unknown): Modal {
  assertSmall(input);
  return checked(modal, input, "invalid_arguments", "/view");
}

export function checkedHome(input: unknown): Home {
  assertSmall(input);
  return checked(home, input, "invalid_arguments", "/view");
}

/** A modal or a Home tab, as blocks.validate takes it. */
export function assertView(input: unknown): void {
  assertSmall(input);
  checked(view, input, "invalid_view", "");
}

function assertSmall(input: unknown): void {
  if (JSON.stringify(input ?? null).length > 250_000) throw new SlackError("view_too_large");
}
