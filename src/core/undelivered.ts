/**
 * A place, in most cases Slack, did not accept a message. This is no bug and no refusal: the change that the message
 * reports may have been done.
 */
export class Undelivered extends Error {
  override name = "Undelivered";
  /** `the channel C0STORAGE` */
  readonly place: string;
  /** `Slack says is_archived` */
  readonly why: string;
  /** What a person can do about it. Null if the problem is temporary. */
  readonly fix: string | null;
  constructor(place: string, why: string, fix: string | null, cause?: unknown) {
    super(`${place} did not accept the message: ${why}${fix === null ? "" : `. Fix: ${fix}`}`, { cause });
    this.place = place;
    this.why = why;
    this.fix = fix;
  }
}

/** The message of the thread is deleted, so its thread takes nothing. */
export class ThreadGone extends Undelivered {}

/** Slack takes no message for this person, also later: the account is deactivated, or is not of this workspace. */
export class PersonUnreachable extends Undelivered {
  constructor(person: string, { place, why, cause }: Undelivered) {
    super(place, why, `remove the roles of ${person} if the account is not used any more`, cause);
  }
}

/** The plan of a change at a terminal: the channel did not take it. */
export class UndeliveredFromTerminal extends Undelivered {
  /** What a person types to do it in an emergency. */
  readonly instead: string;
  constructor({ place, why, fix, cause }: Undelivered, instead: string) {
    super(place, why, fix, cause);
    this.instead = instead;
  }
}
