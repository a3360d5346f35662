import { isIP, connect as overTcp, type Socket } from "node:net";
import { connect as overTls } from "node:tls";
import { causeOf } from "../core/error-cause.ts";
import { auditMessage, type Sender } from "./audit-message.ts";
import { NotTaken, type Receiver } from "./receiver.ts";
import { framed } from "./syslog-message.ts";

interface SyslogTarget {
  readonly host: string;
  readonly port: number;
  /** null: no TLS. `ca`: the certificates in PEM that are trusted; null: those of Node. */
  readonly tls: { readonly ca: string | null } | null;
}

/** Times in milliseconds. */
export interface SyslogLimits {
  /** For all of it: to connect, to send, and until the receiver has closed. */
  readonly sendMs: number;
  /** The least time between the last byte and the end of the connection. */
  readonly settleMs: number;
}
export const usualSyslogLimits: SyslogLimits = { sendMs: 30_000, settleMs: 100 };

/** The most that is waited before the end, also if the way is slow. */
const LONGEST_SETTLE_MS = 2_000;
/** So often the bot reads what arrived while it waits. If the bot itself was slow, one wait alone would read nothing. */
const SETTLE_TURNS = 4;

/**
 * Syslog over TCP has no answer that says what was read. So each send has a connection of its own, and the bot ends it
 * first. A program that then closes it in order has read all: if bytes are left unread, its kernel sends a reset. If it
 * closes earlier, nothing shows what it read, and the entries count as not taken.
 */
export function syslogReceiver(target: SyslogTarget, sender: Sender, limits = usualSyslogLimits): Receiver {
  const shown = `syslog+${target.tls === null ? "tcp" : "tls"}://${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`;
  return {
    ...{ setting: "AUDIT_SYSLOG", shown, address: shown },
    send(entries, signal) {
      const bytes = Buffer.concat(entries.map((entry) => framed(auditMessage(entry, sender))));
      return delivered(target, bytes, limits, signal);
    },
  };
}

function delivered(target: SyslogTarget, bytes: Buffer, limits: SyslogLimits, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const beganMs = performance.now();
    const socket = opened(target);
    let phase: "connecting" | "sending" | "ending" = "connecting";
    let settling: NodeJS.Timeout | null = null;
    const ends = (problem: Error | null) => {
      clearTimeout(limit);
      if (settling !== null) clearInterval(settling);
      signal.removeEventListener("abort", aborts);
      socket.destroy();
      if (problem === null) resolve();
      else reject(problem);
    };
    const limit = setTimeout(() => ends(tooLate(phase, limits.sendMs)), limits.sendMs);
    const aborts = () => ends(new NotTaken("the bot was stopped", { kind: "stopped" }));
    signal.addEventListener("abort", aborts);
    socket.once(target.tls === null ? "connect" : "secureConnect", () => {
      phase = "sending";
      // What is lost on the way is sent again by TCP. Within this time the other end has it, or has said that it closed.
      const settleMs = Math.min(LONGEST_SETTLE_MS, Math.max(limits.settleMs, 2 * (performance.now() - beganMs)));
      socket.write(bytes, (error) => {
        if (error) return;
        let turns = 0;
        settling = setInterval(() => {
          turns += 1;
          if (turns < SETTLE_TURNS || phase === "ending") return;
          phase = "ending";
          socket.end();
        }, settleMs / SETTLE_TURNS);
      });
    });
    socket.on("error", (error) => ends(connectionProblem(error, target)));
    // What the receiver says is not read, but its end is.
    socket.resume();
    socket.once("end", () => ends(phase === "ending" && socket.writableFinished ? null : closedFirst()));
    socket.once("close", () => ends(closedFirst()));
  });
}

function opened({ host, port, tls }: SyslogTarget): Socket {
  if (tls === null) return overTcp({ host, port });
  const name = isIP(host) === 0 ? { servername: host } : {};
  return overTls({ host, port, minVersion: "TLSv1.2", ...name, ...(tls.ca !== null && { ca: tls.ca }) });
}

const closedFirst = (): NotTaken =>
  new NotTaken("it closed the connection, and nothing shows what it read", { kind: "closed" });

const tooLate = (phase: "connecting" | "sending" | "ending", ms: number): NotTaken =>
  new NotTaken(
    {
      connecting: `no connection in ${ms / 1000} s`,
      sending: `it did not read all in ${ms / 1000} s`,
      ending: `it did not close its end of the connection in ${ms / 1000} s, so nothing shows that it read all`,
    }[phase],
    { kind: `late ${phase}` },
  );

const CA_FIX = "Fix: set AUDIT_SYSLOG_CA to the file of the CA that signed its certificate";
const fixes: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: CA_FIX,
  SELF_SIGNED_CERT_IN_CHAIN: CA_FIX,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CA_FIX,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CA_FIX,
  ERR_TLS_CERT_ALTNAME_INVALID: "Fix: set AUDIT_SYSLOG to a name that is in its certificate",
  CERT_HAS_EXPIRED: "Fix: renew its certificate",
  ERR_SSL_WRONG_VERSION_NUMBER: "Fix: set AUDIT_SYSLOG to syslog+tcp:// if it does not use TLS",
};

function connectionProblem(error: Error, { tls }: SyslogTarget): NotTaken {
  const { code, message } = causeOf(error);
  const fix = tls === null ? undefined : fixes[code];
  return new NotTaken(fix === undefined ? message : `${message}. ${fix}`, {
    kind: code,
    needsPerson: fix !== undefined,
  });
}
