import { describe, expect, it } from "vitest";
import { shownDate, withShownDates } from "../../../src/workspace/page/slack-date.ts";

const LONG_AGO = 1_700_000_000;
const now = Math.floor(Date.now() / 1000);

describe("a date on the page", () => {
  it("is written as the reader's computer writes it", () => {
    const time = new Date(LONG_AGO * 1000).toLocaleString(undefined, { hour: "2-digit", minute: "2-digit" });
    expect(shownDate("before {time}", LONG_AGO, "then")).toBe(`before ${time}`);
  });
  it("is today if it is, and a day otherwise", () => {
    expect(shownDate("{date_short_pretty}", now, "then")).toBe("today");
    expect(shownDate("{date_short_pretty}", LONG_AGO, "then")).toContain("2023");
  });
  it.each([["{era}"], ["{time} {era}"]])("is its fallback if the format is %s", (format) => {
    expect(shownDate(format, LONG_AGO, "then")).toBe("then");
  });
  it("is a text in its block, with its style and without", () => {
    const date = { type: "date", timestamp: LONG_AGO, format: "{time}", fallback: "then" };
    const text = shownDate("{time}", LONG_AGO, "then");
    const section = (...elements: unknown[]) => ({ type: "rich_text", elements: [{ elements }] });
    expect(withShownDates(section(date, { ...date, style: { bold: true } }, { type: "text", text: "a" }))).toEqual(
      section({ type: "text", text }, { type: "text", text, style: { bold: true } }, { type: "text", text: "a" }),
    );
  });
});
