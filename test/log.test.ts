import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { logTo } from "../src/log.ts";

it("the log holds nothing that a person filled into a form, at any level", () => {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const values = { "secret-chap": { secret: { type: "plain_text_input", value: 'an-"Array2"-\\secret' } } };
  const payload = JSON.stringify({ type: "view_submission", view: { state: { values } } });
  const log = logTo(stream, "debug");
  log.info(`Slack: received ${payload}`);
  log.info(`Slack: received ${JSON.stringify({ payload })}`);
  log.error("clicking", new Error(payload));
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(line).toContain("plain_text_input");
    expect(line).toContain("[secret]");
    expect(line).not.toMatch(/Array2|secret\\*"\}/);
  }
});

function logged(): { lines: () => string[]; log: ReturnType<typeof logTo> } {
  let text = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  return { lines: () => text.split("\n").slice(0, -1), log: logTo(stream, "debug") };
}

it("a host's text makes no line of its own in the log and moves no terminal", () => {
  const { log, lines } = logged();
  const forged = "lost\n2026-11-29T00:00:00.000Z info op-1: done\r\n    at host (file:1:1)\u001b[2J\u202e\u{e0041}";
  log.info(forged);
  log.error(forged, new Error(forged));
  log.error("reading", new TypeError("no\nlines"));
  log.error("a text is thrown", `one\ntwo`);
  const heads = lines().filter((line) => !line.startsWith("    at "));
  expect(heads).toHaveLength(4);
  for (const line of heads) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\S+ (info|error) /);
  for (const line of lines()) expect(line).not.toMatch(/[^\u0020-\u007e]/);
  expect(heads[0]).toContain("lost\\n2026-11-29T00:00:00.000Z info op-1: done\\r\\n    at host");
  expect(heads[1]).toContain("\\u001b[2J\\u202e\\u{e0041}: Error: lost\\n2026");
  // Where it was thrown stays readable, below its line.
  expect(lines().some((line) => /^ {4}at .*log\.test\.ts:\d+/.test(line))).toBe(true);
  expect(lines().some((line) => line.includes("at host (file:1:1)") && line.startsWith("    "))).toBe(false);
});

it("the log holds neither the local workspace's key nor a proxy's password", () => {
  const { log, lines } = logged();
  const key = "0123456789abcdef0123456789abcdef";
  for (const url of [`http://127.0.0.1:3000/${key}/api/auth.test`, `ws://localhost:1/${key}/link/?ticket=t`]) {
    log.info(`connecting to ${url}`);
    log.info(JSON.stringify({ url }).replaceAll("/", "\\/"));
  }
  log.error("http://bot:pass@proxy:3128 does not answer", new Error("http://bot:pass@proxy:3128"));
  expect(lines().join("\n")).not.toMatch(/0123456789|pass|ticket=t/);
  expect(lines().join("\n")).toContain("127.0.0.1:3000/[secret]");
});
