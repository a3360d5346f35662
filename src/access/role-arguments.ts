import { z } from "zod";
import { nameSchema } from "../core/inventory.ts";
import { roles } from "../core/role.ts";

/** A user or a user group: `@U012AB3CD`, `@S012AB3CD`, as Slack sends a mention. */
export const whoSchema = z
  .string()
  .regex(/^(?:@?[UWS][A-Z0-9]{5,29}|me)$/, "is not a person or a user group: type @ and the name")
  .transform((text) => text.replace(/^@/, ""));

export const roleArgument = z.enum(roles, `is none of ${roles.join(", ")}`);

/** `cluster-1,cluster-2`, or `all`. */
export const clustersSchema = z
  .string()
  .default("all")
  .transform((text, context): "all" | string[] => {
    if (text === "all") return "all";
    const names = [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");
    const wrong = names.find((name) => !nameSchema.safeParse(name).success);
    if (names.length === 0 || names.length > 500 || wrong !== undefined) {
      context.addIssue({ code: "custom", message: "is not a list of clusters such as cluster-1,cluster-2, or all" });
      return z.NEVER;
    }
    return names;
  });

/** Of `role grant` and `role revoke`. */
export const grantArguments = z.strictObject({
  who: whoSchema.describe("a person or a user group: a mention, or me"),
  role: roleArgument.describe("viewer, operator, approver or admin"),
  clusters: clustersSchema.describe("for these clusters only: cluster-1,cluster-2"),
});

/** `#C012AB3CD`, as Slack sends a channel. */
export const channelSchema = z
  .string()
  .regex(/^#?[CG][A-Z0-9]{5,29}$/, "is not a channel: type # and choose its name")
  .transform((text) => text.replace(/^#/, ""));

/** `cluster-1,cluster-2` as the words of a command. */
export const clustersWords = (clusters: "all" | readonly string[]): string =>
  clusters === "all" ? "" : ` clusters=${clusters.join(",")}`;
