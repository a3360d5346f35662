import { z } from "zod";
import { nameSchema } from "../core/inventory.ts";

/** Hosts that a person vouches for, with commas between; none where it is left out. */
export const unaskedSchema = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  )
  .pipe(z.array(nameSchema).max(200, "are more than 200 hosts"))
  .default([])
  .describe("hosts of other clusters that can't be asked and that you vouch for: switched off, or don't see the LUN");
