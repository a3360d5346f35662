import type { PageMessage } from "../../src/workspace/page-protocol.ts";

/** Every piece of text in a message's blocks, one a line; a table's cells of a row on one line, with single blanks. */
export function textIn(message: Pick<PageMessage, "blocks" | "text">): string {
  if (message.blocks.length === 0) return message.text;
  return message.blocks.map((block) => textOfValue(block).replaceAll(/ {2,}/g, " ")).join("\n");
}

function textOfValue(value: unknown): string {
  if (Array.isArray(value))
    return value
      .map(textOfValue)
      .filter((text) => text !== "")
      .join(value.some(Array.isArray) ? "\n" : " ");
  if (typeof value !== "object" || value === null) return "";
  const own = ["text", "title", "caption"].flatMap((key) => {
    const said: unknown = key in value ? Reflect.get(value, key) : null;
    return typeof said === "string" ? [said] : [];
  });
  const time = "fallback" in value && typeof value.fallback === "string" ? value.fallback : "";
  const user = "user_id" in value && typeof value.user_id === "string" ? `<@${value.user_id}>` : "";
  const group =
    "usergroup_id" in value && typeof value.usergroup_id === "string" ? `<!subteam^${value.usergroup_id}>` : "";
  const inner = Object.entries(value)
    .filter(([key]) => !["type", "style"].includes(key))
    .map(([, each]) => textOfValue(each));
  return [...own, user, group, time, ...inner].filter((text) => text !== "").join(" ");
}

/** What can be clicked in a message. */
export function buttonsIn(
  message: Pick<PageMessage, "ts" | "blocks">,
): { ts: string; blockId: string; actionId: string; label: string }[] {
  return message.blocks.flatMap((block) => {
    if (block.type !== "actions" || !Array.isArray(block.elements)) return [];
    return block.elements.map((element) => ({
      ts: message.ts,
      blockId: String(block.block_id),
      actionId: String(element.action_id),
      label: String(element.text?.text),
    }));
  });
}

/** The buttons of a plan that waits for a decision. */
export const decisionsIn = (message: PageMessage) =>
  buttonsIn(message).filter(({ actionId }) => ["confirm", "cancel"].includes(actionId));
