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
