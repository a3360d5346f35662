import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../../src/config.ts";
import { auditEntrySchema } from "../../../src/core/operation.ts";
import { Forwarder, usualForward } from "../../../src/forward/forwarder.ts";
import { syslogReceiver, usualSyslogLimits } from "../../../src/forward/syslog.ts";
import { freePort, Running } from "../../monitoring/debian/programs.ts";
import { Story, until } from "../../scenario/story.ts";
import { asked, LogInMemory, PositionsInMemory } from "../samples.ts";

const page = join(import.meta.dirname, "../../../docs/audit-forwarding.md");
const openssl = (...args: readonly string[]) => promisify(execFile)("openssl", args);

/** A CA of its own, and a certificate of it for localhost. */
async function newCertificates(folder: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const at = (name: string) => join(folder, name);
  await openssl("req", "-x509", ...key, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=CA");
  await openssl("req", ...key, "-keyout", at("key.pem"), "-out", at("csr.pem"), "-subj", "/CN=localhost");
  await writeFile(at("names"), "subjectAltName=DNS:localhost");
  const ca = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-extfile", at("names")];
  await openssl("x509", "-req", "-in", at("csr.pem"), ...ca, "-out", at("cert.pem"), "-days", "2");
}

/** Debian's rsyslog with the file of docs/audit-forwarding.md, on ports of its own. */
class Rsyslog {
  readonly folder: string;
  readonly tlsPort: number;
  readonly tcpPort: number;
  #program: Running | null = null;

  private constructor(folder: string, tlsPort: number, tcpPort: number) {
    this.folder = folder;
    this.tlsPort = tlsPort;
    this.tcpPort = tcpPort;
  }

  static async new(): Promise<Rsyslog> {
    const folder = await mkdtemp(join(tmpdir(), "rsyslog-"));
    await newCertificates(folder);
    const rsyslog = new Rsyslog(folder, await freePort(), await freePort());
    const [, text = ""] =
      /```\n *# \/etc\/rsyslog\.d\/zstack-chatops\.conf\n(.*?)```/s.exec(await readFile(page, "utf8")) ?? [];
    for (const expected of ["/etc/rsyslog-tls/", "/var/log/zstack-audit.jsonl", '"6514"'])
      if (!text.includes(expected)) throw new Error(`docs/audit-forwarding.md has no ${expected}`);
    const config = text
      .replaceAll("/etc/rsyslog-tls/", `${folder}/`)
      .replace("/var/log/zstack-audit.jsonl", rsyslog.file)
      .replace('"6514"', `"${rsyslog.tlsPort}"`);
    const raw = `
      template(name="all" type="string" string="%pri% %app-name% %msgid% %structured-data% %msg%\\n")
      ruleset(name="plain") { action(type="omfile" file="${rsyslog.plainFile}" template="all") }
      input(type="imtcp" port="${rsyslog.tcpPort}" ruleset="plain")`;
    await writeFile(join(folder, "rsyslog.conf"), `global(workDirectory="${folder}")\n${config}${raw}\n`);
    return rsyslog;
  }

  get file(): string {
    return join(this.folder, "zstack-audit.jsonl");
  }
  get plainFile(): string {
    return join(this.folder, "plain.log");
  }

  async start(): Promise<void> {
    const args = ["-n", "-f", join(this.folder, "rsyslog.conf"), "-i", join(this.folder, "pid")];
    this.#program = new Running("rsyslogd", args, "rsyslog rsyslog-gnutls");
    await this.#program.until(async () => ((await readFile(join(this.folder, "pid"), "utf8")) === "" ? null : true));
  }
  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = null;
  }
  /** The lines that it wrote. */
  async lines(file = this.file): Promise<string[]> {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.split("\n").slice(0, -1);
  }
}

const withoutMark = (line: string): string => line.replace(/^\ufeff/, "");

describe("Debian's rsyslog", () => {
  let rsyslog: Rsyslog;
  beforeAll(async () => {
    rsyslog = await Rsyslog.new();
    await rsyslog.start();
  });
  afterAll(() => rsyslog.stop());
  const syslog = (given: Partial<NonNullable<NonNullable<Config["forward"]>["syslog"]>> = {}): Partial<Config> => ({
    forward: {
      syslog: {
        ...{ host: "localhost", port: rsyslog.tlsPort, isTls: true, caFile: join(rsyslog.folder, "ca.pem") },
        ...given,
      },
      webhook: null,
    },
  });

  describe("and the bot", () => {
    let story: Story;
    afterEach(() => story.ends());

    /** All entries of the bot's log are in a file of rsyslog, in their order. */
    async function areIn(read: () => Promise<string[]>): Promise<void> {
      let expected: string[] = [];
      let found: string[] = [];
      for (let turns = 0; turns < 3_000; turns++) {
        found = await read();
        expected = (await readFile(join(story.directory, "audit.jsonl"), "utf8")).split("\n").slice(0, -1);
        if (found.length >= expected.length) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(found).toEqual(expected);
    }

    it("over TLS it has each line of the audit log, as it is there, and more while the bot runs", async () => {
      story = await Story.begin();
      await story.restartsBot(undefined, syslog());
      const read = async () => (await rsyslog.lines()).map(withoutMark);
      await story.says("/zstack zone add ZONE-9");
      await story.shows("ZONE-9", ": done");
      await areIn(read);
      await story.says("/zstack audit list who=Zürich-💾");
      await story.shows("Nothing found in the audit log");
      await areIn(read);
      expect((await rsyslog.lines()).at(-1)).toMatch(/^\ufeff.*"audit list who=Zürich-💾"/);
      await story.says("/zstack zone list");
      await story.shows("ZONE");
      await areIn(read);
      // Another start sends nothing again.
      await story.restartsBot(undefined, syslog());
      await story.says("/zstack zone list");
      await story.shows("ZONE");
      await areIn(read);
      expect(story.logged).toEqual([]);
    });

    it("over TCP it reads the header, the structured data and the text", async () => {
      story = await Story.begin();
      await story.restartsBot(undefined, syslog({ isTls: false, port: rsyslog.tcpPort, caFile: null }));
      await story.says("/zstack zone add ZONE-9");
      await story.shows("ZONE-9", ": done");
      const ofText =
        /^(\d+) zstack-chatops ([a-z]+) \[audit@32473 id="(\d+)" hash="([0-9a-f]{64})" bot="[0-9a-f]{8}" who="[^"]*".*?\] (.*)$/;
      await areIn(async () => (await rsyslog.lines(rsyslog.plainFile)).map((line) => ofText.exec(line)?.[5] ?? line));
      for (const line of await rsyslog.lines(rsyslog.plainFile)) {
        const [, priority, kind, id, hash, text = ""] = ofText.exec(line) ?? [];
        const entry = auditEntrySchema.parse(JSON.parse(text));
        expect([kind, id, hash]).toEqual([entry.event.kind, String(entry.id), entry.hash]);
        expect(Math.floor(Number(priority) / 8)).toBe(13);
      }
    });

    it("gets nothing if its certificate is of another CA, and the bot's log says what to do", async () => {
      const before = await rsyslog.lines();
      story = await Story.begin();
      await story.restartsBot(undefined, syslog({ caFile: null }));
      await story.says("/zstack zone list");
      await story.shows("zone");
      await until(() => (story.logged.length > 0 ? true : undefined), 60_000);
      expect(story.logged).toEqual([
        expect.stringMatching(
          /^sending audit entries to syslog\+tls:\/\/localhost:\d+: .*Fix: set AUDIT_SYSLOG_CA to the file of the CA that signed its certificate$/,
        ),
      ]);
      expect(await rsyslog.lines()).toEqual(before);
    });
  });

  it("that is stopped and started again and again gets all entries at least once, in their order", async () => {
    const before = (await rsyslog.lines()).length;
    const audit = new LogInMemory();
    const positions = new PositionsInMemory();
    const ca = await readFile(join(rsyslog.folder, "ca.pem"), "utf8");
    const sender = { hostname: "bot", processId: "1", bot: "0a1b2c3d" };
    const ignores = { info: () => undefined, error: () => undefined };
    const receiver = syslogReceiver(
      { host: "localhost", port: rsyslog.tlsPort, tls: { ca } },
      sender,
      usualSyslogLimits,
    );
    const reports = { log: ignores, away: () => undefined, back: () => undefined };
    const forwarder = new Forwarder(
      { receiver, audit, positions, reports },
      { ...usualForward, everyMs: 10, entries: 10, pausesMs: [50], slowPausesMs: [50] },
    );
    forwarder.start();
    const appends = setInterval(() => audit.append(asked(`words ${audit.head().id} ${"y".repeat(500)}`)), 10);
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await rsyslog.stop();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await rsyslog.start();
    }
    clearInterval(appends);
    expect(await until(() => (forwarder.waiting === 0 ? true : undefined), 60_000)).toBe(true);
    await forwarder.stop();
    await rsyslog.stop();
    const ids = (await rsyslog.lines()).slice(before).map((line) => JSON.parse(withoutMark(line)).id);
    await rsyslog.start();
    expect([...new Set(ids)]).toEqual(audit.entries.map(({ id }) => id));
  });

  it("takes a message of the greatest length as one, and a cut entry as JSON", async () => {
    const before = (await rsyslog.lines()).length;
    const audit = new LogInMemory(
      ...[7_300, 7_400, 7_500, 7_600, 7_700, 60_000].flatMap((count) => [
        asked("z".repeat(count)),
        asked('"ü'.repeat(count / 4)),
      ]),
    );
    const ca = await readFile(join(rsyslog.folder, "ca.pem"), "utf8");
    const sender = { hostname: "bot", processId: "1", bot: "0a1b2c3d" };
    const receiver = syslogReceiver(
      { host: "localhost", port: rsyslog.tlsPort, tls: { ca } },
      sender,
      usualSyslogLimits,
    );
    await receiver.send(audit.entries, new AbortController().signal);
    let lines: string[] = [];
    for (let turns = 0; turns < 600 && lines.length < audit.entries.length; turns++) {
      lines = (await rsyslog.lines()).slice(before);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const read = lines.map((line) => JSON.parse(withoutMark(line)));
    expect(read.map(({ hash }) => hash)).toEqual(audit.entries.map(({ hash }) => hash));
    expect(read.some(({ cut }) => cut !== undefined)).toBe(true);
    expect(read.some(({ cut }) => cut === undefined)).toBe(true);
  });
});
