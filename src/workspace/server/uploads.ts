import { randomBytes } from "node:crypto";
import type { PageMessage } from "../page-protocol.ts";
import { newKey } from "./key.ts";
import { SlackError } from "./slack-error.ts";

/** How each PNG file begins. */
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

type File = PageMessage["files"][number];

interface Upload {
  readonly id: string;
  readonly name: string;
  readonly length: number;
  readonly altText: string;
  content: Buffer | null;
}

/** Files between the three calls of an upload: asked for, sent, completed. */
export class Uploads {
  readonly #waiting = new Map<string, Upload>();
  readonly #shared = new Map<string, string | null>();
  #deferred: (() => void)[] | null = null;

  /** A new file's id and the secret of its upload URL. */
  begin(name: string, length: number, altText: string): { id: string; secret: string } {
    const id = `F${randomBytes(5).toString("hex").toUpperCase()}`;
    const secret = newKey();
    this.#waiting.set(secret, { id, name, length, altText, content: null });
    return { id, secret };
  }

  /** Whether the upload exists and the content has the announced length. */
  receive(secret: string, content: Buffer): boolean {
    const upload = this.#waiting.get(secret);
    if (upload === undefined || upload.length !== content.length) return false;
    upload.content = content;
    return true;
  }

  /** All files or none; each only once. */
  complete(files: readonly { id: string; title: string | null }[]): File[] {
    const found = files.map(({ id, title }) => {
      const [secret, upload] = [...this.#waiting].find(([, each]) => each.id === id) ?? [];
      if (secret === undefined || upload === undefined || upload.content === null)
        throw new SlackError("file_not_found");
      const { name, altText, content } = upload;
      const isPng = content.subarray(0, PNG.length).equals(PNG);
      const shown = isPng
        ? { text: altText, png: content.toString("base64") }
        : { text: content.toString("utf8"), png: null };
      return { secret, file: { id, name, title: title ?? name, ...shown } };
    });
    for (const { secret } of found) this.#waiting.delete(secret);
    return found.map(({ file }) => file);
  }

  /** Slack shares a completed file only after a scan; `post` answers the ts of the message that has it. */
  share(ids: readonly string[], post: () => string): void {
    for (const id of ids) this.#shared.set(id, null);
    const share = () => {
      const ts = post();
      for (const id of ids) this.#shared.set(id, ts);
    };
    if (this.#deferred === null) share();
    else this.#deferred.push(share);
  }

  /** The message that has the file; null as long as it is scanned. */
  sharedIn(id: string): string | null {
    const ts = this.#shared.get(id);
    if (ts === undefined) throw new SlackError("file_not_found");
    return ts;
  }

  /** Scans take so long from now on that nothing is shared until they end. */
  scan(isEnded: boolean): void {
    const deferred = this.#deferred ?? [];
    this.#deferred = isEnded ? null : deferred;
    if (isEnded) for (const share of deferred) share();
  }
}
