import { z } from "zod";

/** One or more names of LUNs with commas between, as typed; which LUNs they mean is resolved on the hosts. */
export const wwidListSchema = z
  .string()
  .transform((text) => text.split(",").map((name) => name.trim()))
  .pipe(
    z
      .array(z.string().regex(/^[A-Za-z0-9/._:+-]{4,160}$/, "is not a WWID; copy it from `lun list CLUSTER`"))
      .min(1)
      .max(16, "are more than 16 LUNs"),
  );

export const wwidNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9/._:+-]{4,160}$/, "is not a WWID; copy it from `lun list CLUSTER`");
