/**
 * A place to speak, Slack mostly, did not take a message. It is no bug, and no refusal: what the message reports may have
 * been done.
 */
export class Undelivered extends Error {
  override name = "Undelivered";
  /** `the channel C0STORAGE` */
  readonly place: string;
  /** `Slack says is_archived` */
  readonly why: string;
  /** What a person does about it; null where it passes by itself. */
  readonly fix: string | null;
  constructor(place: string, why: string, fix: string | null, cause?: unknown) {
    super(`${place} did not take the message: ${why}${fix === null ? "" : `. Fix: ${fix}`}`, { cause });
    this.place = place;
    this.why = why;
    this.fix = fix;
  }
}
