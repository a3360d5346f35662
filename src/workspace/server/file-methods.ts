import { z } from "zod";
import { placeForPosting } from "./directory.ts";
import { botMethod, type WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

/** Slack's reference names it `alt_txt`, its library for Node sends `alt_text`. */
const altText = z.string().max(1000).optional();
const begin = z.object({
  filename: z.string().min(1),
  length: z.coerce.number().int().min(1),
  alt_txt: altText,
  alt_text: altText,
});
const complete = z.object({
  files: z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1),
  channel_id: z.string().optional(),
  thread_ts: z.string().optional(),
  initial_comment: z.string().optional(),
});

/** files.*: the first and last call of an upload; between them the content goes to the upload URL. */
export const fileMethods = (workspace: Workspace): WebMethods => ({
  "files.getUploadURLExternal": botMethod("tier4", begin, ({ filename, length, alt_txt, alt_text }) => {
    const { id, secret } = workspace.uploads.begin(filename, length, alt_txt ?? alt_text ?? "");
    return { upload_url: `${workspace.address()}/upload/v1/${secret}`, file_id: id };
  }),
  "files.completeUploadExternal": botMethod("tier4", complete, (args) => {
    const channel = args.channel_id === undefined ? null : placeForPosting(workspace.directory, args.channel_id);
    const files = workspace.uploads.complete(args.files.map(({ id, title }) => ({ id, title: title ?? null })));
    if (channel !== null) {
      const words = { text: args.initial_comment ?? "", threadTs: args.thread_ts ?? null };
      const message = { channel: channel.id, author: workspace.directory.bot.id, files, ...words };
      workspace.uploads.share(
        files.map(({ id }) => id),
        () => workspace.messages.post(message).ts,
      );
    }
    return { files: files.map(({ id, title }) => ({ id, title })) };
  }),
  "files.info": botMethod("tier4", z.object({ file: z.string() }), ({ file: id }) => {
    const ts = workspace.uploads.sharedIn(id);
    return { file: { id, shares: ts === null ? {} : { public: { [workspace.directory.channel.id]: [{ ts }] } } } };
  }),
});
