import { z } from "zod";

/** An operation as people name it: `op-7`, `OP-7` and `7` are one. */
export const operationIdSchema = z
  .string()
  .regex(/^(?:op-)?0*[1-9][0-9]{0,11}$/i, "is not an operation; see `operation list`")
  .transform((text) => `op-${Number(text.replace(/^op-/i, ""))}`);
