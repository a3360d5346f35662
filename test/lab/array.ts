import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lun, luns } from "./luns.ts";
import { run } from "./places.ts";
import { runProgram } from "./program.ts";
import { endDaemon, startDaemon } from "./qemu.ts";

export const targetName = "iqn.2024-01.lab:array";
/** The target of another array: its LUN has the WWID of a LUN of the first array. */
export const twinName = "iqn.2024-01.lab:twin";
/** The address by which a guest reaches the loopback of this computer. */
export const gatewayAddress = "10.0.2.2";
const target = ["--tid", "1"];

/**
 * What the array offers to one guest: a tgtd with two portals. Each guest has its own tgtd: tgt can't show a LUN to one
 * initiator and hide it from another. All serve the same files under the same target and numbers. So the identity of a
 * LUN is the same everywhere.
 */
export class ArrayView {
  readonly #guest: string;
  readonly #ports: readonly [number, ...number[]];
  readonly #targetName: string;
  readonly #env: NodeJS.ProcessEnv;
  #tgtd: ChildProcess | null = null;
  /** The user that may log in; null if all may. */
  #account: string | null = null;

  constructor(guest: string, ports: readonly [number, ...number[]], name: string = targetName) {
    this.#guest = guest;
    this.#ports = ports;
    this.#targetName = name;
    const files = run.of(guest);
    this.#env = { ...process.env, TGT_IPC_SOCKET: name === twinName ? files.twin : files.array };
  }

  /** tgt makes the identity of a LUN from its numbers only. So each daemon gives a LUN the same identity. */
  async start(log: number): Promise<void> {
    await this.#begin(log);
    for (const lun of luns) if (lun.transport === "iscsi") await this.map(lun);
    await this.#admin("bind", "target", ...target, "--initiator-address", "ALL");
  }

  /** Offers one LUN only. It has the number and size of a LUN of the array, and other bytes. */
  async startAsTwinOf(lun: Lun, log: number): Promise<void> {
    await this.#begin(log);
    await this.map(lun, run.twin(lun.name));
    await this.#admin("bind", "target", ...target, "--initiator-address", "ALL");
  }

  async #begin(log: number): Promise<void> {
    const [first, ...others] = this.#ports;
    this.#tgtd = startDaemon("tgtd", ["-f", "--iscsi", `portal=127.0.0.1:${first}`], log, this.#env);
    await this.#answering();
    for (const port of others) await this.#admin("new", "portal", "--param", `portal=127.0.0.1:${port}`);
    await this.#admin("new", "target", ...target, "--targetname", this.#targetName);
  }

  async map(lun: Lun, file = run.lun(lun.name)): Promise<void> {
    const number = ["--lun", String(lun.number)];
    await this.#admin("new", "logicalunit", ...target, ...number, "--backing-store", file);
    const identity = "vendor_id=LABSAN,product_id=LUN,product_rev=1";
    await this.#admin("update", "logicalunit", ...target, ...number, "--params", identity);
  }

  async unmap(lun: Lun): Promise<void> {
    await this.#admin("delete", "logicalunit", ...target, "--lun", String(lun.number));
  }

  /** A later login needs this user and secret. Existing sessions continue. */
  async guard(user: string, secret: string): Promise<void> {
    await this.openToAll();
    await this.#admin("new", "account", "--user", user, "--password", secret);
    await this.#admin("bind", "account", ...target, "--user", user);
    this.#account = user;
  }

  async openToAll(): Promise<void> {
    if (this.#account === null) return;
    await this.#admin("unbind", "account", ...target, "--user", this.#account);
    await this.#admin("delete", "account", "--user", this.#account);
    this.#account = null;
  }

  /** tgt reads the size of a file only when it opens it. For that the LUN is offline for a moment. */
  async reopen(lun: Lun): Promise<void> {
    for (const params of ["online=0", `path=${run.lun(lun.name)}`, "online=1"]) {
      await this.#admin("update", "logicalunit", ...target, "--lun", String(lun.number), "--params", params);
    }
  }

  async stop(): Promise<void> {
    if (this.#tgtd !== null) await endDaemon(this.#tgtd);
    this.#tgtd = null;
  }

  async #answering(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return void (await this.#admin("show", "target"));
      } catch (error) {
        if (attempt === 50) throw new Error(`tgtd of ${this.#guest} does not answer`, { cause: error });
        await sleep(100);
      }
    }
  }

  #admin(operation: string, mode: string, ...more: readonly string[]): Promise<string> {
    return runProgram("tgtadm", ["--lld", "iscsi", "--op", operation, "--mode", mode, ...more], { env: this.#env });
  }
}
