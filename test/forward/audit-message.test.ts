import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../../src/core/operation.ts";
import { auditMessage, MOST_MESSAGE_BYTES } from "../../src/forward/audit-message.ts";
import { parsedMessage } from "./rfc5424.ts";
import { asked, LogInMemory } from "./samples.ts";

const sender = { hostname: "bot.example.org", processId: "4711", bot: "0a1b2c3d" };
const entryOf = (event: AuditEvent, operationId: string | null = null) => new LogInMemory().append(event, operationId);
const messageOf = (event: AuditEvent, operationId: string | null = null) =>
  parsedMessage(auditMessage(entryOf(event, operationId), sender).toString("utf8"));
const began: AuditEvent = { kind: "began", stepId: "step-1", host: "host1", effect: "destroy", argv: ["wipefs"] };
const finished = (outcome: Extract<AuditEvent, { kind: "finished" }>["outcome"]): AuditEvent => ({
  ...{ kind: "finished", stepId: "step-1", host: "host1" },
  outcome,
});

describe("an audit entry as a message of syslog", () => {
  it("has who, host, operation, number and hash as structured data, and all of the entry as its text", () => {
    const entry = entryOf(began, "op-7");
    const message = parsedMessage(auditMessage(entry, sender).toString("utf8"));
    expect(message).toMatchObject({
      ...{ facility: 13, severity: 5, timestamp: "2026-11-30T02:03:04.123Z", hostname: "bot.example.org" },
      ...{ appName: "zstack-chatops", processId: "4711", messageId: "began" },
    });
    expect(message.data).toEqual({
      "audit@32473": {
        ...{ id: "1", hash: entry.hash, bot: "0a1b2c3d", who: "U0ALICE01", operation: "op-7", host: "host1" },
      },
    });
    expect(JSON.parse(message.text)).toEqual(entry);
  });

  it.each([
    [asked("lun list"), 6, undefined],
    [began, 5, undefined],
    [{ ...began, effect: "read" } as const, 6, undefined],
    [finished({ kind: "done", exitCode: 0 }), 6, "done"],
    [finished({ kind: "failed", exitCode: 5, stderr: "" }), 4, "failed"],
    [finished({ kind: "refused", reason: "" }), 4, "refused"],
    [finished({ kind: "unknown", reason: "" }), 3, "unknown"],
    [{ kind: "recorded", problem: null } as const, 6, undefined],
    [{ kind: "recorded", problem: "disk full" } as const, 3, undefined],
    [{ kind: "ended", state: "done", result: "" } as const, 5, "done"],
    [{ kind: "ended", state: "failed", result: "" } as const, 4, "failed"],
    [{ kind: "ended", state: "unknown", result: "" } as const, 3, "unknown"],
    [{ kind: "confirmed", digest: "" } as const, 5, undefined],
    [{ kind: "approved", digest: "" } as const, 5, undefined],
    [{ kind: "break-glass", digest: "", reason: "" } as const, 4, undefined],
  ])("of %j has the severity %i", (event, severity, outcome) => {
    const message = messageOf(event);
    expect([message.severity, message.data["audit@32473"]?.outcome]).toEqual([severity, outcome]);
  });

  it.each([
    ["ASCII", "x"],
    ["quotes, which JSON escapes twice", '"'],
    ["characters of four bytes", "💾"],
    ["half characters", "\ud800"],
  ])("that is too long is cut, has a mark, and stays JSON: %s", (_, character) => {
    for (const count of [7_400, 7_600, 7_700, 20_000, 300_000]) {
      const entry = entryOf(finished({ kind: "failed", exitCode: 1, stderr: character.repeat(count) }), "op-7");
      const complete = JSON.stringify(entry);
      const bytes = auditMessage(entry, sender);
      expect(bytes.length).toBeLessThanOrEqual(MOST_MESSAGE_BYTES);
      const { data, text } = parsedMessage(bytes.toString("utf8"));
      const { event: _event, ...rest } = entry;
      if (data["audit@32473"]?.cut === undefined) {
        expect(text).toBe(complete);
        continue;
      }
      expect(bytes.length).toBeGreaterThan(MOST_MESSAGE_BYTES - 32);
      expect(data["audit@32473"].cut).toBe(String(Buffer.byteLength(complete)));
      const { cut, ...others } = JSON.parse(text);
      expect(others).toEqual(rest);
      expect(cut).toMatchObject({ bytes: Buffer.byteLength(complete), kind: "finished" });
      expect(JSON.stringify(entry.event).startsWith(cut.eventBegins)).toBe(true);
    }
  });

  it("has ends of lines and quotes of a host only as JSON", () => {
    const message = messageOf(finished({ kind: "failed", exitCode: 1, stderr: 'no\n<13>1 - - - - - - "forged"' }));
    expect(message.text).not.toContain("\n");
    expect(JSON.parse(message.text).event.outcome.stderr).toBe('no\n<13>1 - - - - - - "forged"');
  });
});
