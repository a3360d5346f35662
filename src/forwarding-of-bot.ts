import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { type Config, configError } from "./config.ts";
import { botLabel } from "./core/bot-label.ts";
import type { Reply } from "./core/reply.ts";
import { type Away, awayNotice, backNotice } from "./flow/forward-notice.ts";
import type { Channel, World } from "./flow/ports.ts";
import { Forwarder, usualForward } from "./forward/forwarder.ts";
import type { Receiver } from "./forward/receiver.ts";
import { syslogReceiver, usualSyslogLimits } from "./forward/syslog.ts";
import { webhookReceiver } from "./forward/webhook.ts";
import { direct, throughProxy } from "./slack/way-out.ts";
import { openForwardedStore } from "./store/forwarded-store.ts";

/** Sends the audit log to other systems. */
export interface Forwarding {
  /** For each receiver how many entries it does not have. */
  waiting(): readonly { readonly setting: string; readonly waiting: number }[];
  /** Sends what is left, within some seconds. */
  stop(): Promise<void>;
}

/** Begins to send the audit log to the systems that are set. null: none is. `channel`: who is notified of an outage. */
export async function forwardingOf(
  { forward, dataDirectory }: Pick<Config, "forward" | "dataDirectory">,
  { audit, buttonKey, log }: Pick<World, "audit" | "buttonKey" | "log">,
  channel: Pick<Channel, "say"> | null,
  settings = usualForward,
): Promise<Forwarding | null> {
  if (forward === undefined) return null;
  const bot = botLabel(buttonKey);
  const receivers: Receiver[] = [];
  if (forward.syslog !== null) {
    const { host, port, isTls, caFile } = forward.syslog;
    const tls = isTls ? { ca: caFile === null ? null : await certificatesIn(caFile) } : null;
    const sender = { hostname: hostname(), processId: String(process.pid), bot };
    receivers.push(syslogReceiver({ host, port, tls }, sender, usualSyslogLimits));
  }
  if (forward.webhook !== null) {
    const { url, secret, proxy } = forward.webhook;
    const { fetch } = proxy === undefined ? direct : throughProxy(proxy);
    receivers.push(webhookReceiver({ url, secret, bot, fetch }));
  }
  const positions = await openForwardedStore(dataDirectory);
  if (positions.notice !== null) log.info(positions.notice);
  const posts = (reply: Reply) => {
    channel?.say({ reply }).catch((error) => log.error("posting that audit entries are not forwarded", error));
  };
  const reports = {
    log,
    away: (away: Away) => posts(awayNotice(away)),
    back: (back: Parameters<typeof backNotice>[0]) => posts(backNotice(back)),
  };
  const forwarders = receivers.map((receiver) => new Forwarder({ receiver, audit, positions, reports }, settings));
  for (const forwarder of forwarders) forwarder.start();
  return {
    waiting: () => forwarders.map(({ setting, waiting }) => ({ setting, waiting })),
    async stop() {
      await Promise.all(forwarders.map((forwarder) => forwarder.stop()));
      await positions.close();
    },
  };
}

/** The text of a PEM file with certificates. */
async function certificatesIn(file: string): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    new X509Certificate(text);
    return text;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw configError(
      `AUDIT_SYSLOG_CA ${file}: ${why}`,
      "set AUDIT_SYSLOG_CA to a file with the CA's certificate in PEM",
    );
  }
}
