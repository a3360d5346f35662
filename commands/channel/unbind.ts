import { z } from "zod";
import { unbindChannel } from "../../src/access/channel-acts.ts";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";

export const channelUnbind = defineAction({
  name: "channel unbind",
  summary: "a cluster is changed in every channel of the bot again",
  needs: "admin",
  args: z.strictObject({ cluster: nameSchema.describe("name of the cluster") }),
  positional: ["cluster"],
  examples: ["channel unbind cluster-1"],
  act: unbindChannel,
});
