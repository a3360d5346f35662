import { writeSync } from "node:fs";
import { botLabel } from "../../src/core/bot-label.ts";
import { Forwarder, usualForward } from "../../src/forward/forwarder.ts";
import { syslogReceiver } from "../../src/forward/syslog.ts";
import { webhookReceiver } from "../../src/forward/webhook.ts";
import { openAuditLog } from "../../src/store/audit-log.ts";
import { openForwardedStore } from "../../src/store/forwarded-store.ts";

// Run by kill.test.ts in a process of its own, which it kills: appends and forwards as fast as it can. With "drain" it
// appends nothing, and ends when all was forwarded.
const [directory = "", syslogPort = "", webhookUrl = "", drain] = process.argv.slice(2);
const audit = await openAuditLog(directory);
const positions = await openForwardedStore(directory);
const bot = botLabel("key");
const ignores = { info: () => undefined, error: () => undefined };
const reports = { log: ignores, away: () => undefined, back: () => undefined };
const receivers = [
  syslogReceiver(
    { host: "127.0.0.1", port: Number(syslogPort), tls: null },
    { hostname: "bot", processId: String(process.pid), bot },
    { sendMs: 60_000, settleMs: 2 },
  ),
  webhookReceiver({ url: webhookUrl, secret: "a-secret-of-a-webhook", bot, fetch }),
];
const forwarders = receivers.map(
  (receiver) =>
    new Forwarder(
      { receiver, audit, positions, reports },
      { ...usualForward, everyMs: 1, entries: 20, pausesMs: [1], slowPausesMs: [1] },
    ),
);
for (const forwarder of forwarders) forwarder.start();
writeSync(1, "ready\n");
if (drain === undefined) {
  for (let number = 0; ; number++) {
    const { id } = await audit.append("U1", null, { kind: "asked", words: "x".repeat((number * 37) % 3000) });
    writeSync(1, `${id}\n`);
  }
}
while (forwarders.some(({ waiting }) => waiting > 0)) await new Promise((resolve) => setTimeout(resolve, 5));
for (const forwarder of forwarders) await forwarder.stop();
await positions.close();
await audit.close();
