import { describe, expect, it } from "vitest";
import { rejected, rich, section, verdict, words } from "./blocks.ts";

describe("rich text at Slack's limits", () => {
  it.each<[string, unknown[]]>([
    [
      "a date and a tag",
      [
        rich(
          section(
            { type: "date", timestamp: 1, format: "{date} {time}", fallback: "then" },
            { type: "tag", text: "new" },
          ),
        ),
      ],
    ],
    [
      "every kind of rich text",
      [
        rich(
          section(
            words("x"),
            { type: "user", user_id: "U1" },
            { type: "emoji", name: "warning" },
            { type: "link", url: "https://a.example" },
          ),
          { type: "rich_text_list", style: "bullet", elements: [section(words("x"))] },
          { type: "rich_text_preformatted", elements: [words("x")] },
          { type: "rich_text_quote", elements: [words("x")] },
        ),
      ],
    ],
  ])("%s is fine", (_, blocks) => expect(verdict(...blocks)).toBe("fine"));
});

describe("rich text beyond Slack's limits", () => {
  it.each<[string, unknown[], string]>([
    [
      "a date without fallback",
      [rich(section({ type: "date", timestamp: 1, format: "{date}" }))],
      rejected("missing required field: fallback", "/0/elements/0/elements/0"),
    ],
    [
      "an empty piece of rich text",
      [rich(section(words("")))],
      rejected("must be more than 0 characters", "/0/elements/0/elements/0/text"),
    ],
    [
      "a list in a list",
      [rich({ type: "rich_text_list", style: "bullet", elements: [{ type: "rich_text_list" }] })],
      rejected('Invalid input: expected "rich_text_section"', "/0/elements/0/elements/0/type"),
    ],
  ])("%s rejects them all", (_, blocks, message) => expect(verdict(...blocks)).toBe(message));
});
