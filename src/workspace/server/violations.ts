import type { z } from "zod";

/**
 * What zod found wrong, in the words that Slack uses for it, each with a pointer to the place:
 *
 *     [ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]
 *     [ERROR] missing required field: text [json-pointer:/blocks/0]
 *     [ERROR] unsupported type: sectoin [json-pointer:/blocks/0/type]
 */
export function violations(error: z.ZodError, input: unknown, root: string): string[] {
  return error.issues.flatMap((issue) => {
    const missing = issue.code === "invalid_type" && at(input, issue.path) === undefined;
    const path = missing ? issue.path.slice(0, -1) : issue.path;
    const pointer = root + path.map((part) => `/${String(part)}`).join("");
    const texts = missing ? [`missing required field: ${String(issue.path.at(-1))}`] : wording(issue, input);
    return texts.map((text) => `[ERROR] ${text}${pointer === "" ? "" : ` [json-pointer:${pointer}]`}`);
  });
}

function wording(issue: z.core.$ZodIssue, input: unknown): string[] {
  switch (issue.code) {
    case "too_big":
      if (issue.origin === "string") return [`must be less than ${Number(issue.maximum) + 1} characters`];
      return [
        issue.origin === "array" ? `no more than ${issue.maximum} items allowed` : `must be at most ${issue.maximum}`,
      ];
    case "too_small":
      if (issue.origin === "string") return [`must be more than ${Number(issue.minimum) - 1} characters`];
      return [
        issue.origin === "array" ? `no fewer than ${issue.minimum} items allowed` : `must be at least ${issue.minimum}`,
      ];
    case "unrecognized_keys":
      return issue.keys.map((key) => `invalid additional property: ${key}`);
    case "invalid_union":
      return [`unsupported type: ${JSON.stringify(at(input, issue.path)) ?? "none"}`];
    case "invalid_type":
      return [`must provide a ${issue.expected}`];
    default:
      return [issue.message];
  }
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
