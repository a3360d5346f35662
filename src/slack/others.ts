import type { SocketModeReceiver } from "@slack/bolt";
import { z } from "zod";

const helloSchema = z.object({ type: z.literal("hello"), num_connections: z.int() });

/** How many connections Slack counts with these tokens, as the latest hello says. To be called before they are opened. */
export function connectionsCounted(receivers: readonly SocketModeReceiver[]): () => number {
  let counted = 0;
  for (const { client } of receivers) {
    client.on("ws_message", (data: unknown) => {
      const hello = helloIn(data);
      if (hello !== null) counted = Math.max(counted, hello);
    });
  }
  return () => counted;
}

function helloIn(data: unknown): number | null {
  const text = String(data);
  if (!text.includes('"hello"')) return null;
  try {
    return helloSchema.parse(JSON.parse(text)).num_connections;
  } catch {
    return null;
  }
}
