import type { Reply } from "../core/reply.ts";

/** What people must know of the watch's files, in their channel. */
export const watchNotice = (notice: string): Reply => ({
  title: "A file of the watch could not be read completely",
  tone: "warning",
  parts: [{ kind: "text", text: notice }],
  next: ["incident list open"],
});
