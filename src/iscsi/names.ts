import { z } from "zod";
import { type Portal, portalIn, portalText } from "../host/iscsi-node.ts";

const portalSchema = z.string().transform((text, context): Portal => {
  const portal = portalIn(text);
  if (portal !== null) return portal;
  context.addIssue({ code: "custom", message: `holds ${JSON.stringify(text)}, which is not IP or IP:PORT` });
  return z.NEVER;
});

/** One or more portals, separated by commas. Duplicates are dropped. */
export const portalListSchema = z
  .string()
  .transform((text) => text.split(",").map((portal) => portal.trim()))
  .pipe(z.array(portalSchema).min(1).max(16, "are more than 16 portals"))
  .transform((portals) => [...new Map(portals.map((portal) => [portalText(portal), portal])).values()]);

/** The name of a target. It also names a directory on the hosts, so it can't contain a slash. */
export const targetSchema = z
  .string()
  .max(223)
  .regex(
    /^(?:iqn\.\d{4}-\d{2}\.[A-Za-z0-9][A-Za-z0-9._:-]*|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{16,32})$/,
    "is not the name of an iSCSI target: iqn.YYYY-MM.domain:name, eui.… or naa.…",
  );

export const chapUserSchema = z
  .string()
  .max(223)
  .regex(/^[!-~](?:[ -~]*[!-~])?$/, "is not a user name of ASCII letters, digits and signs");
