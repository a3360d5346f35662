import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostCommand } from "../../../src/core/host-command.ts";
import { rootHelper } from "../../../src/host/root-helper/program.ts";
import { helperRequest } from "../../../src/ssh/helper-request.ts";
import { outputsOf } from "../../../src/ssh/shell-script.ts";

const mark = "--00000000-0000-4000-8000-000000000000--";

/** The real root helper as a process, with programs of the test and a root folder of the test. */
export class HelperProcess {
  readonly folder = mkdtempSync(join(tmpdir(), "root-helper-"));
  readonly #path = join(this.folder, "zstack-chatops-run");

  /** `programs`: the text of each, run by `sh`. Without `timeout` of its own, the computer's is found. */
  constructor(programs: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const own = rootHelper()
      .text.replace("my $PATH = '", `my $PATH = '${bin}:`)
      .replace("open my $file, '<', $path", `open my $file, '<', "${this.folder}$path"`);
    writeFileSync(this.#path, own, { mode: 0o755 });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, path, ".."), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  /** The end of the process for any standard input. */
  given(input: string, environment: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
    const env = { ...process.env, ...environment };
    const { stdout, stderr, status } = spawnSync(this.#path, args, {
      input,
      encoding: "utf8",
      env,
      maxBuffer: 2 ** 26,
    });
    return { stdout, stderr, status };
  }

  /** One output for each command, as the bot reads it. */
  outputs(commands: readonly HostCommand<unknown>[], environment: Readonly<Record<string, string>> = {}) {
    const { stdout, stderr } = this.given(helperRequest(commands, mark), environment);
    return outputsOf(`${mark}\n${stdout}`, `${mark}\n${stderr}`, mark, commands.length);
  }
}
