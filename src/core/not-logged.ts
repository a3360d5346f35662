import { errorNote } from "./error-reply.ts";
import type { NotWritten } from "./not-written.ts";
import { operatorError, reason } from "./refusal.ts";
import type { Part } from "./reply.ts";

/** An action is done, but the disk did not take the entry with its result. */
export const resultNotLoggedPart = ({ path, why }: NotWritten): Part =>
  errorNote(
    operatorError("This is done, and its result is not logged", [
      reason("DATA_NOT_WRITTEN", `${path} can't be written: ${why}`, "make room on the disk of the bot"),
    ]),
  );
