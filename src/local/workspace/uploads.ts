import { randomBytes } from "node:crypto";
import type { PageMessage } from "../page-protocol.ts";
import { newKey } from "./key.ts";
import { SlackError } from "./slack-error.ts";

type File = PageMessage["files"][number];

/** Files between the three calls of an upload: asked for, sent, completed. */
export class Uploads {
  readonly #waiting = new Map<string, { id: string; name: string; length: number; text: string | null }>();

  /** A new file's id and the secret of its upload URL. */
  begin(name: string, length: number): { id: string; secret: string } {
    const id = `F${randomBytes(5).toString("hex").toUpperCase()}`;
    const secret = newKey();
    this.#waiting.set(secret, { id, name, length, text: null });
    return { id, secret };
  }

  /** Whether there is such an upload and the content is as long as was said. */
  receive(secret: string, content: Buffer): boolean {
    const upload = this.#waiting.get(secret);
    if (upload === undefined || upload.length !== content.length) return false;
    upload.text = content.toString("utf8");
    return true;
  }

  /** All the files or none; each only once. */
  complete(files: readonly { id: string; title: string | null }[]): File[] {
    const found = files.map(({ id, title }) => {
      const [secret, upload] = [...this.#waiting].find(([, each]) => each.id === id) ?? [];
      if (secret === undefined || upload === undefined || upload.text === null) throw new SlackError("file_not_found");
      return { secret, file: { id, name: upload.name, title: title ?? upload.name, text: upload.text } };
    });
    for (const { secret } of found) this.#waiting.delete(secret);
    return found.map(({ file }) => file);
  }
}
