import { describe, expect, it } from "vitest";
import { framed, type SyslogMessage, syslogBytes } from "../../src/forward/syslog-message.ts";
import { parsedMessage } from "./rfc5424.ts";

const message: SyslogMessage = {
  ...{ facility: 4, severity: 2, timestamp: "2003-10-11T22:14:15.003Z", hostname: "mymachine.example.com" },
  ...{ appName: "su", processId: null, messageId: "ID47", data: [], text: "" },
};
const textOf = (given: Partial<SyslogMessage>): string => syslogBytes({ ...message, ...given }).toString("utf8");
const example = { facility: 20, severity: 5, appName: "evntslog" };
const data = [
  { id: "exampleSDID@32473", parameters: { iut: "3", eventSource: "Application", eventID: "1011" } },
  { id: "examplePriority@32473", parameters: { class: "high" } },
];

describe("a message of RFC 5424", () => {
  it("is example 1 of its section 6.5, without the mark: the text is ASCII", () => {
    expect(textOf({ text: "'su root' failed for lonvick on /dev/pts/8" })).toBe(
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed for lonvick on /dev/pts/8",
    );
  });

  it("is example 2, without a message id", () => {
    const given = { ...example, timestamp: "2003-08-24T05:14:15.000003-07:00", hostname: "192.0.2.1" };
    const text = "%% It's time to make the do-nuts.";
    expect(textOf({ ...given, appName: "myproc", processId: "8710", messageId: null, text })).toBe(
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    );
  });

  it("is example 3, with structured data", () => {
    const text = "An application event log entry…";
    expect(textOf({ ...example, data: data.slice(0, 1), text })).toBe(
      `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] \ufeff${text}`,
    );
  });

  it("is example 4, with structured data only", () => {
    expect(textOf({ ...example, data })).toBe(
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]',
    );
  });

  it("has the mark of UTF-8 before text that is more than ASCII, as the bytes EF BB BF", () => {
    const bytes = syslogBytes({ ...message, text: "Zürich" });
    const at = bytes.indexOf(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(bytes.subarray(at + 3).toString("utf8")).toBe("Zürich");
  });

  it("escapes the three signs in a value, and has no line end in it", () => {
    const value = 'a "quoted" \\ [b]\nc\u0000\u0085d ü';
    const text = textOf({ data: [{ id: "x@1", parameters: { value, none: null } }] });
    expect(text).toContain('[x@1 value="a \\"quoted\\" \\\\ [b\\] c  d ü"]');
    expect(parsedMessage(text).data).toEqual({ "x@1": { value: 'a "quoted" \\ [b] c  d ü' } });
  });

  it.each([
    ["hostname", { hostname: "h ö\n st" }, "h????st"],
    ["hostname", { hostname: "h".repeat(300) }, "h".repeat(255)],
    ["hostname", { hostname: "" }, "-"],
    ["appName", { appName: "a".repeat(60) }, "a".repeat(48)],
    ["messageId", { messageId: "m".repeat(60) }, "m".repeat(32)],
  ] as const)("replaces and cuts what a field can't have: %s %j", (field, given, expected) => {
    expect(parsedMessage(textOf(given))[field]).toBe(expected);
  });

  it("is framed by its number of bytes, not of characters", () => {
    expect(framed(Buffer.from("Zürich")).toString("utf8")).toBe("7 Zürich");
  });
});
