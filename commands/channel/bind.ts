import { z } from "zod";
import { bindChannel } from "../../src/access/channel-acts.ts";
import { channelSchema } from "../../src/access/role-arguments.ts";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";

export const channelBind = defineAction({
  name: "channel bind",
  summary: "a cluster is changed only in one channel",
  needs: "admin",
  args: z.strictObject({
    cluster: nameSchema.describe("name of the cluster"),
    channel: channelSchema.describe("the channel: # and its name"),
  }),
  positional: ["cluster", "channel"],
  examples: ["channel bind cluster-1 #C012AB3CD"],
  act: bindChannel,
});
