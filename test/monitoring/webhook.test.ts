import { describe, expect, it } from "vitest";
import { readWebhook } from "../../src/monitoring/webhook.ts";

const alert = (given: object = {}) => ({
  ...{ status: "firing", labels: { alertname: "NodeDown", instance: "192.0.2.1:9100" } },
  ...{ annotations: { summary: "down" }, startsAt: "2026-11-29T12:00:00Z", endsAt: "0001-01-01T00:00:00Z" },
  ...{ generatorURL: "http://prometheus:9090/graph", fingerprint: "a1b2c3d4e5f60718" },
  ...given,
});
const body = (...alerts: readonly object[]) =>
  JSON.stringify({
    version: "4",
    groupKey: "{}:{}",
    truncatedAlerts: 0,
    status: "firing",
    receiver: "chatops",
    alerts,
  });

describe("the webhook of Alertmanager", () => {
  it("is read without what the bot does not need", () => {
    expect(readWebhook(body(alert(), alert({ status: "resolved", annotations: { description: "why" } })))).toEqual({
      alerts: [
        {
          ...{ fingerprint: "a1b2c3d4e5f60718", name: "NodeDown", isFiring: true, summary: "down" },
          labels: { alertname: "NodeDown", instance: "192.0.2.1:9100" },
        },
        {
          ...{ fingerprint: "a1b2c3d4e5f60718", name: "NodeDown", isFiring: false, summary: "why" },
          labels: { alertname: "NodeDown", instance: "192.0.2.1:9100" },
        },
      ],
    });
  });

  it("gives an alert without a fingerprint one of its labels, in any order", () => {
    const labels = (given: object) => readWebhook(body(alert({ fingerprint: undefined, labels: given })));
    const first = labels({ alertname: "A", host: "h1" });
    expect(first).toEqual(labels({ host: "h1", alertname: "A" }));
    expect(first).not.toEqual(labels({ host: "h2", alertname: "A" }));
    expect(first).toMatchObject({ alerts: [{ fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) }] });
  });

  it.each([
    ["no JSON", "{", "no JSON"],
    ["another version", JSON.stringify({ version: "3", alerts: [] }), "version is not valid"],
    ["no alerts", JSON.stringify({ version: "4" }), "alerts is not valid"],
    ["a list", "[]", "the message is not valid"],
    ["another status", body(alert({ status: "odd" })), "alerts.0.status is not valid"],
    ["a label that is no text", body(alert({ labels: { a: 1 } })), "alerts.0.labels is not valid"],
    ["a label that is too long", body(alert({ labels: { a: "x".repeat(5_000) } })), "alerts.0.labels is not valid"],
    ["a name that is too long", body(alert({ labels: { ["x".repeat(300)]: "" } })), "alerts.0.labels is not valid"],
    [
      "too many labels",
      body(alert({ labels: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, ""])) })),
      "alerts.0.labels is not valid",
    ],
    ["too many alerts", body(...Array.from({ length: 201 }, () => alert())), "alerts is not valid"],
    ["a fingerprint with blanks", body(alert({ fingerprint: "a b" })), "alerts.0.fingerprint is not valid"],
    ["nesting that is too deep", `{"a":${"[".repeat(8)}`, "JSON of more than 8 levels"],
    ["nesting of 100,000 levels", "[".repeat(100_000), "JSON of more than 8 levels"],
  ])("is refused with %s", (_, text, problem) => {
    const read = readWebhook(text);
    expect("problem" in read && read.problem).toMatch(new RegExp(`${problem}$`));
  });

  it("may have brackets in its texts", () => {
    const text = '[{[{[{[{[{ \\" "';
    expect(readWebhook(body(alert({ annotations: { summary: text } })))).toMatchObject({ alerts: [{ summary: text }] });
  });

  it("can't reach the prototype of an object", () => {
    const text = body(alert()).replace('"alertname"', '"__proto__"');
    expect(readWebhook(text)).toMatchObject({ alerts: [{ name: "" }] });
    expect(Object.hasOwn(Object.prototype, "NodeDown")).toBe(false);
  });
});
