import { z } from "zod";
import { nameSchema } from "../core/inventory.ts";

/** A LUN as typed: its WWID or its name in /dev/disk/by-id. The hosts' answers resolve it. */
export const wwidNameSchema = z
  .string()
  .regex(
    /^(\/dev\/disk\/by-id\/)?[A-Za-z0-9][A-Za-z0-9._:+-]{3,127}$/,
    "is not a WWID; copy it from `lun list CLUSTER`",
  );

/** One or more of them, separated by commas. */
export const wwidListSchema = z
  .string()
  .transform((text) => text.split(",").map((name) => name.trim()))
  .pipe(z.array(wwidNameSchema).min(1).max(16, "are more than 16 LUNs"));

/** `LUN …bbe00a`. LUNs of one array differ in their last characters. */
export const lunsText = (names: readonly string[]): string =>
  `${names.length === 1 ? "LUN" : "LUNs"} ${names.map((name) => `…${name.slice(-6)}`).join(", ")}`;

/** Hosts that do not use the LUN, as a person confirms, separated by commas. None by default. */
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
  .describe("hosts of other clusters that can't be asked; you confirm that they are off or can't see the LUN");

/** Whether a query observes the hosts again or shows the last observation. */
export const refreshSchema = z.stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] });
