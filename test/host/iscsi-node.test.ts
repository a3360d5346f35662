import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { secretProblem, shownSecret } from "../../src/core/secret.ts";
import { writeChap } from "../../src/host/iscsi-node.ts";
import { sed } from "../../src/simulator/programs/sed.ts";
import { KernelEvents } from "../../src/simulator/san/kernel-events.ts";
import { San } from "../../src/simulator/san/san.ts";
import { tutorialSan } from "../../src/simulator/san/tutorial-san.ts";
import { runsOf } from "../scenario/rows.ts";

const record =
  "# BEGIN RECORD 2.1.8\nnode.name = iqn.2026-11.lab.san:array1\nnode.session.auth.authmethod = None\nnode.session.auth.password = old\nnode.session.auth.password_in = kept\nnode.session.auth.chap_algs = MD5\n# END RECORD\n";
const written = (user: string, secret: string) =>
  `# BEGIN RECORD 2.1.8\nnode.name = iqn.2026-11.lab.san:array1\nnode.session.auth.password_in = kept\nnode.session.auth.chap_algs = MD5\n# END RECORD\nnode.session.auth.authmethod = CHAP\nnode.session.auth.username = ${user}\nnode.session.auth.password = ${secret}\n`;

const secrets = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 60,
  })
  .filter((text) => secretProblem(text) === null);
const isGnu = spawnSync("sed", ["--version"], { encoding: "utf8" }).stdout.includes("GNU sed");

describe("the script that writes a CHAP secret into a node record", () => {
  const folder = mkdtempSync(join(tmpdir(), "zstack-chap-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("contains no secret, in its text and in its arguments", () => {
    const command = writeChap("/etc/iscsi/nodes/x", "zstack", "chap");
    expect(command.stdin).toContain(`node.session.auth.password = ${shownSecret}`);
    expect(command.withSecret?.stdin("s3cret")).toContain("node.session.auth.password = s3cret");
    expect(JSON.stringify(command.argv)).not.toContain("s3cret");
  });

  it.runIf(isGnu)("makes sed write any secret unchanged, and keeps the rest and the mode of the file", () => {
    const file = join(folder, "default");
    fc.assert(
      fc.property(secrets, secrets, (user, secret) => {
        writeFileSync(file, record);
        chmodSync(file, 0o600);
        const { argv, withSecret } = writeChap(file, user, "chap");
        const [program, ...args] = argv;
        const ran = spawnSync(program, args, { input: withSecret?.stdin(secret), encoding: "utf8" });
        expect(ran).toMatchObject({ status: 0, stdout: "", stderr: "" });
        expect(readFileSync(file, "utf8")).toBe(written(user, secret));
        const again = spawnSync(program, args, { input: withSecret?.stdin(secret), encoding: "utf8" });
        expect(again).toMatchObject({ status: 0, stdout: "", stderr: "" });
        expect(readFileSync(file, "utf8")).toBe(written(user, secret));
        expect(statSync(file).mode & 0o777).toBe(0o600);
      }),
      { numRuns: runsOf(60) },
    );
  });

  it("has the same effect with the simulated and the real sed", async () => {
    await fc.assert(
      fc.asyncProperty(secrets, secrets, async (user, secret) => {
        const san = new San(tutorialSan());
        const host = san.host("sharedblock-host1");
        host.files.push({ path: "/etc/iscsi/default", content: record });
        const { argv, withSecret } = writeChap("/etc/iscsi/default", user, "chap");
        const stdin = async () => withSecret?.stdin(secret) ?? "";
        const place = {
          san,
          host,
          root: true,
          environment: {},
          stdin,
          signal: AbortSignal.abort(),
          lockStartMs: 0,
          resume: () => undefined,
          live: { print: () => undefined, ended: AbortSignal.abort(), kernelEvents: new KernelEvents(san, host) },
        };
        expect(await sed(argv.slice(1), place)).toEqual({ stdout: "", stderr: "", exitCode: 0 });
        expect(host.files.at(-1)?.content).toBe(written(user, secret));
        await sed(argv.slice(1), place);
        expect(host.files.at(-1)?.content).toBe(written(user, secret));
      }),
      { numRuns: runsOf(60) },
    );
  });

  it.runIf(isGnu)("has the same effect with both seds for any lines, ended or not", async () => {
    const line = fc.constantFrom("old", "older", "kept", "");
    const command = fc.constantFrom("/^old/d\n", "/^kept$/d\n", "$a\\\nnew\n", "$a\\\none\\\nold\n");
    const contents = fc.tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom("", "\n"));
    const file = join(folder, "lines");
    await fc.assert(
      fc.asyncProperty(contents, fc.array(command, { minLength: 1, maxLength: 4 }), async ([lines, end], commands) => {
        const content = lines.join("\n") + end;
        writeFileSync(file, content);
        const script = commands.join("");
        spawnSync("sed", ["--in-place", "--file=-", "--", file], { input: script });
        const san = new San(tutorialSan());
        const host = san.host("sharedblock-host1");
        host.files.push({ path: "/etc/lines", content });
        const stdin = async () => script;
        const place = {
          san,
          host,
          root: true,
          environment: {},
          stdin,
          signal: AbortSignal.abort(),
          lockStartMs: 0,
          resume: () => undefined,
          live: { print: () => undefined, ended: AbortSignal.abort(), kernelEvents: new KernelEvents(san, host) },
        };
        await sed(["--in-place", "--file=-", "--", "/etc/lines"], place);
        expect(host.files.at(-1)?.content).toBe(readFileSync(file, "utf8"));
      }),
      { numRuns: runsOf(100) },
    );
  });
});
