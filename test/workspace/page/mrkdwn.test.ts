import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Mark, parseMrkdwn } from "../../../src/workspace/page/mrkdwn.ts";

const marks = (text: string): readonly Mark[] =>
  parseMrkdwn(text).flatMap((passage) => (passage.kind === "code block" ? [] : passage.marks));

describe("mrkdwn", () => {
  it("shows bold, italic, struck and code, also nested", () => {
    expect(marks("*a _b_* ~c~ `*d*`")).toEqual([
      {
        kind: "bold",
        marks: [
          { kind: "text", text: "a " },
          { kind: "italic", marks: [{ kind: "text", text: "b" }] },
        ],
      },
      { kind: "text", text: " " },
      { kind: "strike", marks: [{ kind: "text", text: "c" }] },
      { kind: "text", text: " " },
      { kind: "code", text: "*d*" },
    ]);
  });
  it.each(["3*4*5", "snake_case_name", "a ** b", "* a *", "~/x and ~/y"])("shows %j unchanged", (text) => {
    expect(marks(text)).toEqual([{ kind: "text", text }]);
  });
  it("shows people, channels, broadcasts and links", () => {
    expect(marks("<@U1|alice> <#C1|ops> <!here> <https://a.example/?x=1&amp;y=2|a>")).toEqual([
      { kind: "person", id: "U1", label: "alice" },
      { kind: "text", text: " " },
      { kind: "mention", text: "#ops" },
      { kind: "text", text: " " },
      { kind: "mention", text: "@here" },
      { kind: "text", text: " " },
      { kind: "link", url: "https://a.example/?x=1&y=2", text: "a" },
    ]);
  });
  it("shows a date in the reader's zone, and its fallback if the format is not known", () => {
    const time = new Date(1_795_957_200_000).toLocaleString(undefined, { hour: "2-digit", minute: "2-digit" });
    expect(marks("<!date^1795957200^at {time}|13:00 UTC>")).toEqual([{ kind: "text", text: `at ${time}` }]);
    expect(marks("<!date^1795957200^{era}|13:00 UTC>")).toEqual([{ kind: "text", text: "13:00 UTC" }]);
    expect(marks("<!date^^{time}|13:00 UTC>")).toEqual([{ kind: "text", text: "13:00 UTC" }]);
  });
  it("links only to pages and mail addresses", () => {
    expect(marks("<javascript:alert(1)|a>")).toEqual([{ kind: "text", text: "<javascript:alert(1)|a>" }]);
  });
  it("keeps the columns of a code block and undoes its escapes", () => {
    expect(parseMrkdwn("before\n```\na  &lt;b&gt;\n  c *d*\n```\nafter")).toEqual([
      { kind: "lines", marks: [{ kind: "text", text: "before" }] },
      { kind: "code block", text: "a  <b>\n  c *d*" },
      { kind: "lines", marks: [{ kind: "text", text: "after" }] },
    ]);
  });
  it("shows a fence without its partner as text", () => {
    expect(marks("a ``` b")).toEqual([{ kind: "text", text: "a ``` b" }]);
  });
  it("shows quoted lines", () => {
    expect(parseMrkdwn("&gt; a\n&gt; b\nc")).toEqual([
      { kind: "quote", marks: [{ kind: "text", text: "a\nb" }] },
      { kind: "lines", marks: [{ kind: "text", text: "c" }] },
    ]);
  });
  it("shows any escaped text without formatting signs exactly, and makes no mention or link of it", () => {
    const words = fc
      .string()
      .map((text) => text.replace(/[*_~`\n]/g, ""))
      .filter((text) => !/^(?:&gt;|>)/.test(text));
    fc.assert(
      fc.property(words, (text) => {
        const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
        const shown = parseMrkdwn(`: ${escaped}`);
        expect(shown).toEqual([{ kind: "lines", marks: [{ kind: "text", text: `: ${text}` }] }]);
      }),
    );
  });
});
