/** A file of the data folder could not be written. In most cases the disk is full. */
export class NotWritten extends Error {
  override name = "NotWritten";
  readonly path: string;
  /** `ENOSPC: no space left on device, write` */
  readonly why: string;
  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${path} could not be written: ${why}`, { cause });
    this.path = path;
    this.why = why;
  }
}
