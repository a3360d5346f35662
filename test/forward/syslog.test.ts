import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Forwarder, usualForward } from "../../src/forward/forwarder.ts";
import { type SyslogLimits, syslogReceiver } from "../../src/forward/syslog.ts";
import { type Certificate, newCertificate } from "../slack/tls-front.ts";
import { framesIn, parsedMessage } from "./rfc5424.ts";
import { asked, LogInMemory, PositionsInMemory, until } from "./samples.ts";

const sender = { hostname: "bot.example.org", processId: "4711", bot: "0a1b2c3d" };
/** Nothing here waits for a limit, but for the tests of the limits. */
const limits: SyslogLimits = { sendMs: 240_000, settleMs: 5 };
const never = new AbortController().signal;
const log = new LogInMemory(...Array.from({ length: 50 }, (_, index) => asked(`words ${index} ${"x".repeat(1_000)}`)));

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A server that hands over each connection. It closes nothing by itself. */
async function listens(
  connected: (socket: Socket) => void,
  tls: TlsOptions | null = null,
  pauseOnConnect = false,
): Promise<number> {
  const options = { allowHalfOpen: true, pauseOnConnect };
  const took = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    connected(socket);
  };
  const server = tls === null ? createServer(options, took) : createTlsServer({ ...options, ...tls }, took);
  servers.push(server);
  // Without a TLS session too.
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
const receiverAt = (port: number, given: Partial<SyslogLimits> = {}, tls: { ca: string | null } | null = null) =>
  syslogReceiver({ host: tls === null ? "127.0.0.1" : "localhost", port, tls }, sender, { ...limits, ...given });
const sends = (port: number, given: Partial<SyslogLimits> = {}, tls: { ca: string | null } | null = null) =>
  receiverAt(port, given, tls).send(log.entries, never);
const idsIn = (read: readonly Buffer[]): number[] =>
  framesIn(Buffer.concat(read)).messages.map((message) => Number(parsedMessage(message).data["audit@32473"]?.id));

/** Reads all, and closes when the other end has: as rsyslog does. */
const reads =
  (into: Buffer[], closes = true) =>
  (socket: Socket) => {
    socket.on("data", (data) => into.push(data));
    if (closes) socket.on("end", () => socket.end());
  };
/** Reads so many bytes, then does this. The rest stays unread. */
const readsThen = (bytes: number, act: (socket: Socket) => void) => (socket: Socket) => {
  let left = bytes;
  socket.on("readable", () => {
    while (left > 0) {
      const data: Buffer | null = socket.read(Math.min(left, socket.readableLength)) ?? null;
      if (data === null || data.length === 0) return;
      left -= data.length;
    }
    act(socket);
  });
  if (bytes === 0) act(socket);
};

describe("syslog over TCP", () => {
  it("takes entries when the receiver has read all of them and then closes", async () => {
    const read: Buffer[] = [];
    await sends(await listens(reads(read)));
    expect(idsIn(read)).toEqual(log.entries.map(({ id }) => id));
    expect(framesIn(Buffer.concat(read)).rest).toBe(0);
  });

  it("does not mind a receiver that talks", async () => {
    const read: Buffer[] = [];
    const port = await listens((socket) => {
      reads(read)(socket);
      socket.write("hello\n".repeat(10_000));
    });
    await sends(port);
    expect(idsIn(read)).toHaveLength(50);
  });

  it.each([
    ["closes at once", readsThen(0, (socket) => socket.end())],
    ["is killed at once", readsThen(0, (socket) => socket.destroy())],
    ["resets at once", readsThen(0, (socket) => socket.resetAndDestroy())],
    ["closes after 5,000 bytes", readsThen(5_000, (socket) => socket.destroy())],
    ["resets after 5,000 bytes", readsThen(5_000, (socket) => socket.resetAndDestroy())],
    ["ends its side after 5,000 bytes and reads no more", readsThen(5_000, (socket) => socket.end())],
  ])("takes nothing if the receiver %s", async (_, connected) => {
    await expect(sends(await listens(connected), { settleMs: 300 })).rejects.toMatchObject({
      name: "NotTaken",
      why: { kind: expect.stringMatching(/^(closed|ECONNRESET|EPIPE)$/) },
    });
  });

  it("takes nothing if the receiver read all and closed before the bot did: nothing shows that it read all", async () => {
    const total = log.entries.length * 1_000;
    const port = await listens(readsThen(total, (socket) => socket.end()));
    await expect(sends(port, { settleMs: 1_000 })).rejects.toMatchObject({ why: { kind: "closed" } });
  });

  it("takes nothing if the receiver has all in its kernel, has not read it, and is killed", async () => {
    const [first] = log.entries;
    const held: Socket[] = [];
    const port = await listens((socket) => held.push(socket), null, true);
    const sent = receiverAt(port).send(first === undefined ? [] : [first], never);
    const refused = expect(sent).rejects.toMatchObject({
      why: { kind: expect.stringMatching(/^(ECONNRESET|closed)$/) },
    });
    // By then the bot has ended its side: it waits for the receiver's.
    await until(() => held[0]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    held[0]?.destroy();
    await refused;
  });

  it("waits for a limited time for the connection, for the reads and for the end", async () => {
    const [first] = log.entries;
    const silent = await listens(() => undefined, null, true);
    const one = first === undefined ? [] : [first];
    await expect(receiverAt(silent, { sendMs: 1_500 }).send(one, never)).rejects.toThrow(
      "it did not close its end of the connection in 1.5 s, so nothing shows that it read all",
    );
    const open = await listens(reads([], false));
    await expect(receiverAt(open, { sendMs: 1_500 }).send(one, never)).rejects.toThrow("it did not close");
    const large = new LogInMemory(...Array.from({ length: 2_000 }, () => asked("x".repeat(7_000))));
    await expect(receiverAt(silent, { sendMs: 3_000 }).send(large.entries, never)).rejects.toThrow(
      "it did not read all in 3 s",
    );
    await expect(receiverAt(open).send(one, AbortSignal.timeout(50))).rejects.toThrow("the bot was stopped");
  });

  it("says why there is no connection", async () => {
    const port = await listens(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await expect(sends(port)).rejects.toMatchObject({ message: `connect ECONNREFUSED 127.0.0.1:${port}` });
  });

  it("shows its address, also of IPv6", () => {
    const shown = (host: string, tls: { ca: null } | null) => syslogReceiver({ host, port: 601, tls }, sender).shown;
    expect(shown("::1", null)).toBe("syslog+tcp://[::1]:601");
    expect(shown("log", { ca: null })).toBe("syslog+tls://log:601");
  });
});

describe("syslog over TLS", () => {
  let certificate: Certificate;
  beforeAll(async () => {
    certificate = await newCertificate(["localhost"]);
  });
  const trusted = () => ({ ca: certificate.cert });

  it("takes entries as over TCP", async () => {
    const read: Buffer[] = [];
    await sends(await listens(reads(read), certificate), {}, trusted());
    expect(idsIn(read)).toHaveLength(50);
  });

  it.each([
    ["is killed at once", readsThen(0, (socket) => socket.destroy())],
    ["closes after 5,000 bytes", readsThen(5_000, (socket) => socket.destroy())],
    ["ends its side after 5,000 bytes", readsThen(5_000, (socket) => socket.end())],
  ])("takes nothing if the receiver %s", async (_, connected) => {
    const port = await listens(connected, certificate);
    await expect(sends(port, { settleMs: 300 }, trusted())).rejects.toMatchObject({ name: "NotTaken" });
  });

  it("sends nothing to a receiver with a certificate of another CA or name, or without TLS, and says the fix", async () => {
    const read: Buffer[] = [];
    const port = await listens(reads(read), certificate);
    await expect(sends(port, {}, { ca: null })).rejects.toMatchObject({
      message: expect.stringMatching(/self-signed certificate\. Fix: set AUDIT_SYSLOG_CA to the file of the CA/),
      why: { needsPerson: true },
    });
    const other = await newCertificate(["log.example.org"]);
    const named = await listens(reads(read), other);
    await expect(sends(named, {}, { ca: other.cert })).rejects.toMatchObject({
      message: expect.stringMatching(/Fix: set AUDIT_SYSLOG to a name that is in its certificate/),
      why: { needsPerson: true },
    });
    const plain = await listens((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    await expect(sends(plain, {}, trusted())).rejects.toThrow(/Fix: set AUDIT_SYSLOG to syslog\+tcp:/);
    expect(read).toEqual([]);
  });
});

const resets = (socket: Socket) => void (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy());

/** What each connection to a bad receiver does. A message of five entries has more than 7,000 bytes. */
const breaks: readonly ((socket: Socket) => void)[] = [
  readsThen(0, (socket) => socket.destroy()),
  readsThen(0, resets),
  ...[1, 700, 1_500, 4_000, 6_500].map((bytes) => readsThen(bytes, (socket) => socket.destroy())),
  ...[1, 2_500, 6_000].map((bytes) => readsThen(bytes, resets)),
  readsThen(3_000, (socket) => socket.end()),
];

it.each(["TCP", "TLS"])("a receiver that breaks at each point gets everything in order over %s", async (transport) => {
  const certificate = await newCertificate(["localhost"]);
  const tls = transport === "TLS" ? certificate : null;
  // What the receiver read to its end, which is what counts as received.
  const received: number[] = [];
  let turn = 0;
  const port = await listens((socket) => {
    const read: Buffer[] = [];
    const broken = turn++ % 2 === 0 ? breaks[(turn >> 1) % breaks.length] : undefined;
    socket.on("data", (data) => read.push(data));
    if (broken !== undefined) {
      socket.removeAllListeners("data");
      broken(socket);
    } else socket.on("end", () => socket.end());
    socket.on("close", () => received.push(...idsIn(read)));
  }, tls);
  const audit = new LogInMemory(
    ...Array.from({ length: 100 }, (_, index) => asked(`words ${index} ${"x".repeat(900)}`)),
  );
  const positions = new PositionsInMemory();
  const ignores = { info: () => undefined, error: () => undefined };
  const forwarder = new Forwarder(
    {
      receiver: receiverAt(port, { settleMs: 20 }, tls && { ca: certificate.cert }),
      ...{ audit, positions, reports: { log: ignores, away: () => undefined, back: () => undefined } },
    },
    { ...usualForward, everyMs: 1, entries: 5, pausesMs: [1], slowPausesMs: [1] },
  );
  forwarder.start();
  const isDone = () => ([...positions.kept.values()][0]?.id === 100 ? true : undefined);
  expect(await until(isDone)).toBe(true);
  await forwarder.stop();
  // On a busy computer, a break may come after the receiver read everything. Then its batch is not sent again.
  expect(turn).toBeGreaterThan(2 * breaks.length);
  // The first time of each entry: none is missing, and none is before an earlier one.
  expect([...new Set(received)]).toEqual(audit.entries.map(({ id }) => id));
});
