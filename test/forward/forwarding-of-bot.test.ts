import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { Message } from "../../src/flow/ports.ts";
import { usualForward } from "../../src/forward/forwarder.ts";
import { forwardingOf } from "../../src/forwarding-of-bot.ts";
import { newDirectory } from "../store/samples.ts";
import { asked, LogInMemory, until } from "./samples.ts";

const SECRET = "a-secret-of-a-webhook";

describe("forwarding of the bot", () => {
  const world = (logged: string[]) => ({
    audit: new LogInMemory(asked("lun list")),
    ...{ buttonKey: "key" },
    log: {
      info: (message: string) => void logged.push(message),
      error: (message: string, error: unknown) => void logged.push(`${message}: ${error}`),
    },
  });

  it("is off unless a receiver is set", async () => {
    const dataDirectory = await newDirectory();
    expect(await forwardingOf({ dataDirectory }, world([]) as never, null)).toBeNull();
  });

  it("notifies the channel once of receivers that are away for long, without a secret", async () => {
    const posted: string[] = [];
    const logged: string[] = [];
    const channel = {
      say: async (message: Message | (() => Message)) => {
        posted.push(typeof message === "function" ? "" : message.reply.title);
        expect(JSON.stringify(message)).not.toMatch(/a-secret-of|a-token-in/);
        return "1";
      },
    };
    const config = readConfig({
      // Nobody listens on these ports of loopback.
      AUDIT_SYSLOG: "syslog+tcp://127.0.0.1:9",
      AUDIT_WEBHOOK: "http://127.0.0.1:11/a-token-in-the-path",
      AUDIT_WEBHOOK_SECRET: SECRET,
    });
    const settings = { ...usualForward, pausesMs: [1], awayMs: 0 } as const;
    const dataDirectory = await newDirectory();
    const forwarding = await forwardingOf({ ...config, dataDirectory }, world(logged) as never, channel, settings);
    expect(await until(() => (posted.length >= 2 ? true : undefined))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(forwarding?.waiting()).toEqual([
      { setting: "AUDIT_SYSLOG", waiting: 1 },
      { setting: "AUDIT_WEBHOOK", waiting: 1 },
    ]);
    await forwarding?.stop();
    expect(posted.toSorted()).toEqual([
      "AUDIT_NOT_FORWARDED  AUDIT_SYSLOG syslog+tcp://127.0.0.1:9 takes no audit entries",
      "AUDIT_NOT_FORWARDED  AUDIT_WEBHOOK http://127.0.0.1:11 takes no audit entries",
    ]);
    expect(logged).toHaveLength(2);
    expect(logged.join("\n")).not.toMatch(/a-secret-of|a-token-in/);
  });

  it("names a CA file that can't be used, and what to write", async () => {
    const dataDirectory = await newDirectory();
    const file = join(dataDirectory, "ca.pem");
    await writeFile(file, "no certificate");
    for (const AUDIT_SYSLOG_CA of [file, join(dataDirectory, "missing.pem")]) {
      const config = { ...readConfig({ AUDIT_SYSLOG: "syslog+tls://log", AUDIT_SYSLOG_CA }), dataDirectory };
      await expect(forwardingOf(config, world([]) as never, null)).rejects.toMatchObject({
        error: {
          code: "CONFIG_INVALID",
          reasons: [expect.stringContaining(`AUDIT_SYSLOG_CA ${AUDIT_SYSLOG_CA}: `)],
          fixes: ["set AUDIT_SYSLOG_CA to a file with the CA's certificate in PEM"],
        },
      });
    }
  });
});
