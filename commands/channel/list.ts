import { z } from "zod";
import { channelListReply } from "../../src/access/channel-acts.ts";
import { defineQuery } from "../../src/core/command.ts";

export const channelList = defineQuery({
  name: "channel list",
  summary: "which clusters are changed only in one channel",
  args: z.strictObject({}),
  positional: [],
  examples: ["channel list"],
  answer: channelListReply,
});
