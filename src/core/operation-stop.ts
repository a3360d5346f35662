import type { Facts } from "./facts.ts";
import { Refusal, reason } from "./refusal.ts";
import { detailsOf, type Reply } from "./reply.ts";
import type { Acting } from "./watch-facts.ts";

/** No further step of a running operation begins. One that waits leaves the queue. */
export async function stopOperation({ id }: { readonly id: string }, facts: Facts, { runs }: Acting): Promise<Reply> {
  const operation = await facts.operation(id);
  if (operation === null) {
    const why = reason("NOT_FOUND", "the bot keeps no operation of this id", "type an id of the list");
    throw new Refusal(`Operation ${id} does not exist`, why, { next: ["operation list"] });
  }
  const did = await runs.stop(id);
  return did === "left the queue"
    ? { title: `${id} leaves the queue`, tone: "good", parts: [], next: [detailsOf(id)] }
    : {
        title: `${id} stops after this step`,
        tone: "good",
        parts: [{ kind: "text", text: "What runs now ends first. Its message then shows what is left." }],
        next: [detailsOf(id)],
      };
}
