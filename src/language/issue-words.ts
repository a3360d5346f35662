import type { z } from "zod";

/**
 * Zod's issues as text that follows the value: `port 70000 must be at most 65535`. A schema's own message is used first
 * and has the same form ("is not a WWID").
 */
export function issueWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int" ? "is not a whole number" : `is not a ${issue.expected}`;
    case "invalid_value":
      return `is none of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return issue.origin === "string"
        ? `is longer than ${issue.maximum} characters`
        : `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${counted(issue.origin)}`;
    case "too_small":
      if (issue.origin === "string")
        return issue.minimum === 1 ? "is empty" : `is shorter than ${issue.minimum} characters`;
      return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${counted(issue.origin)}`;
    default:
      return "is not what is expected here";
  }
}

const counted = (origin: string): string => (origin === "array" ? " values" : "");
