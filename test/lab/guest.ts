import type { ChildProcess } from "node:child_process";
import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandOutput } from "../../src/core/host-command.ts";
import type { Host } from "../../src/core/inventory.ts";
import { identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { ArrayView, twinName } from "./array.ts";
import type { GuestDesign } from "./designs.ts";
import { type GuestKeys, guestFiles } from "./guest-files.ts";
import { writeGuestInitrd } from "./initrd.ts";
import { type Lun, luns } from "./luns.ts";
import { type MonitorCommand, monitor } from "./monitor.ts";
import { type Image, run } from "./places.ts";
import { freePorts } from "./ports.ts";
import { runProgram } from "./program.ts";
import { endDaemon, startQemu } from "./qemu.ts";
import { answersMark } from "./recipe.ts";
import type { Relay } from "./relay.ts";
import { inGuest } from "./shell.ts";
import { keepSnapshot, rootNode, takeBack } from "./snapshot.ts";
import { allMapsWhole } from "./topology.ts";
import { controllers, disk, node, nodeName } from "./virtio.ts";

export interface GuestParts {
  readonly design: GuestDesign;
  readonly keys: GuestKeys & { readonly client: string };
  /** The port of the guest's own sshd, past the relay. */
  readonly direct: Host;
  readonly sshRelay: Relay;
  readonly portalRelays: readonly [Relay, Relay];
  readonly array: ArrayView;
}

const readyWithinMs = 600_000;

/** One guest: its emulated computer, its relays and its view of the array. */
export class Guest {
  readonly parts: GuestParts;
  readonly #image: Image;
  readonly #log: number;
  #ssh: SshHosts;
  #qemu: ChildProcess | null = null;
  #twin: ArrayView | null = null;
  /** Names of the LUNs that the array hides from it. */
  readonly unmapped = new Set<string>();
  /** Its virtio paths that are set offline: `ext4 path 1`. */
  readonly offline = new Set<string>();

  constructor(parts: GuestParts, image: Image, log: number) {
    this.parts = parts;
    this.#image = image;
    this.#log = log;
    this.#ssh = this.#opened();
  }

  get name(): string {
    return this.parts.design.name;
  }
  get pid(): number | null {
    const alive = this.#qemu !== null && this.#qemu.exitCode === null && this.#qemu.signalCode === null;
    return alive ? (this.#qemu?.pid ?? null) : null;
  }

  /** Takes the disk of the image. */
  async prepare(): Promise<void> {
    const files = run.of(this.name);
    this.unmapped.clear();
    await rm(files.disk, { force: true });
    await runProgram("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", this.#image.root, files.disk]);
    const { design, keys, portalRelays } = this.parts;
    const ports = portalRelays.map((relay) => relay.port);
    await writeGuestInitrd(files.initrd, this.#image.initrd, guestFiles(design, keys, ports));
  }

  async start(): Promise<void> {
    if (this.pid !== null) throw new Error(`${this.name} runs already`);
    const { initrd, disk: drive, console, monitor: socket } = run.of(this.name);
    const { design, direct } = this.parts;
    await writeFile(console, "");
    this.offline.clear();
    const shown = luns.filter((lun) => lun.transport === "virtio" && !this.unmapped.has(lun.name));
    const devices = [
      ...[
        "-blockdev",
        JSON.stringify({ driver: "qcow2", "node-name": rootNode, file: { driver: "file", filename: drive } }),
      ],
      ...["-device", `virtio-blk-pci,drive=${rootNode}`, "-qmp", `unix:${socket},server=on,wait=off`],
      ...["-netdev", `user,id=net0,hostfwd=tcp:127.0.0.1:${direct.port}-:22`, "-device", "virtio-net-pci,netdev=net0"],
      ...controllers,
      // A hidden LUN has its file ready. It may be shown later.
      ...luns.filter((lun) => lun.transport === "virtio").flatMap((lun) => ["-blockdev", JSON.stringify(node(lun))]),
      ...shown.flatMap((lun) => [...([1, 2] as const).flatMap((path) => ["-device", disk(lun, path, design)])]),
    ];
    this.#qemu = startQemu({ name: this.name, kernel: this.#image.kernel, initrd, console, devices }, this.#log);
  }

  /** Waits until its services run and it answers on ssh. */
  answers(): Promise<void> {
    return this.#until("its services do not run yet", async () => {
      // A connection before that would only slow its start.
      if (!(await readFile(run.of(this.name).console, "utf8")).includes(answersMark))
        return "its services do not run yet";
      await this.shell(["true"]);
      return null;
    });
  }

  /** Waits until it has a map with both paths of every LUN that it sees. */
  ready(): Promise<void> {
    const expected = luns.filter((lun) => !this.unmapped.has(lun.name));
    return this.#until("no path", () => this.#lacking(expected));
  }

  async #until(first: string, lacking: () => Promise<string | null>): Promise<void> {
    let missing: string | null = first;
    for (const until = Date.now() + readyWithinMs; Date.now() < until; await sleep(1_000)) {
      if (this.pid === null) throw new Error(`QEMU of ${this.name} ended by itself`);
      missing = await lacking().catch((error: Error) => error.message);
      if (missing === null) return;
    }
    const said = (await readFile(run.of(this.name).console, "utf8")).trim().split("\n").slice(-10).join("\n");
    throw new Error(`${this.name} is not ready after ${readyWithinMs / 1000} s: ${missing}; it printed\n${said}`);
  }

  async #lacking(expected: readonly Lun[]): Promise<string | null> {
    // multipath takes a second of the guest's own time. The shell's patterns take none.
    const seen = "echo /sys/block/dm-*/slaves/sd*; echo /dev/disk/by-id/dm-uuid-mpath-*";
    const [members, names] = (await this.shell(["sh", "-c", seen])).stdout.split("\n").map((line) => line.split(" "));
    if ((members?.length ?? 0) < 2 * expected.length) return `maps have ${members?.length} paths in all`;
    const unnamed = expected.filter((lun) => !names?.includes(`/dev/disk/by-id/dm-uuid-mpath-${lun.wwid}`));
    if (unnamed.length > 0) return `udev has not named ${unnamed.map(({ name }) => name).join(", ")}`;
    return allMapsWhole(await this.shell(["multipath", "-ll"]), expected);
  }

  /** Runs a script as root, past the relay. */
  shell(argv: readonly [string, ...string[]], stdin?: string): Promise<CommandOutput> {
    return inGuest(this.#ssh, this.parts.direct, argv, stdin === undefined ? {} : { stdin });
  }

  async monitor(commands: readonly MonitorCommand[]): Promise<void> {
    if (this.pid === null) throw new Error(`${this.name} does not run`);
    await monitor(run.of(this.name).monitor, commands);
  }

  /** Stops its processor when udev has finished. */
  async pause(): Promise<void> {
    await this.shell(["udevadm", "settle", "--timeout=120"]);
    await this.monitor([{ execute: "stop" }]);
  }

  /** Keeps its state under a name, for `restore`, and continues. */
  async keep(name: string): Promise<void> {
    await keepSnapshot(run.of(this.name).monitor, name);
    await this.#hearsTime();
  }

  /** The array shows it a LUN again. */
  async isShown(lun: Lun): Promise<void> {
    if (lun.transport === "iscsi") await this.parts.array.map(lun);
    else if (this.pid !== null) {
      await this.monitor(
        ([1, 2] as const).map((path) => ({
          execute: "human-monitor-command",
          arguments: { "command-line": `device_add ${disk(lun, path, this.parts.design)}` },
        })),
      );
    }
    this.unmapped.delete(lun.name);
  }

  /** Another array offers it a LUN with the WWID of this one. Answers the portal's port. */
  async isShownTwinOf(lun: Lun): Promise<number> {
    if (lun.transport !== "iscsi") throw new Error("only an iSCSI LUN can have a twin");
    const [port] = await freePorts(1);
    if (port === undefined) throw new Error("no free port");
    await this.#losesTwin();
    await writeFile(run.twin(lun.name), "");
    await truncate(run.twin(lun.name), lun.sizeBytes);
    this.#twin = new ArrayView(this.name, [port], twinName);
    await this.#twin.startAsTwinOf(lun, this.#log);
    return port;
  }

  async #losesTwin(): Promise<void> {
    await this.#twin?.stop();
    this.#twin = null;
  }

  /** The array reports the size that the file of the LUN has now. */
  async learnsSize(lun: Lun): Promise<void> {
    if (lun.transport === "iscsi") return this.parts.array.reopen(lun);
    if (this.pid === null) return;
    const size = (await stat(run.lun(lun.name))).size;
    await this.monitor([{ execute: "block_resize", arguments: { "node-name": nodeName(lun), size } }]);
  }

  /** Stops, and reaches nothing: neither end of its connections would know what the other still expects. */
  async halt(): Promise<void> {
    const { sshRelay, portalRelays } = this.parts;
    sshRelay.delay(0);
    for (const relay of [sshRelay, ...portalRelays]) relay.refuse();
    if (this.pid === null) await this.start();
    await this.monitor([{ execute: "stop" }]);
  }

  /** A halted guest continues. */
  async resume(): Promise<void> {
    await this.monitor([{ execute: "cont" }]);
    for (const relay of [this.parts.sshRelay, ...this.parts.portalRelays]) await relay.heal();
  }

  /** A halted guest continues in the state that was kept under a name. */
  async restore(name: string): Promise<void> {
    // The emulated computer must have the same devices as when its state was kept.
    for (const lun of luns) if (this.unmapped.has(lun.name)) await this.isShown(lun);
    await this.#ssh.close();
    this.#ssh = this.#opened();
    await this.parts.array.openToAll();
    await this.#losesTwin();
    await takeBack(run.of(this.name).monitor, name);
    this.offline.clear();
    for (const relay of [this.parts.sshRelay, ...this.parts.portalRelays]) await relay.heal();
    await this.#hearsTime();
    // Its iSCSI sessions notice only now that their connections are gone. A read waits until they are back.
    const read = `for path in /sys/class/iscsi_session/session*/device/target*/*:1/block/*; do
      dd if=/dev/\${path##*/} of=/dev/null bs=512 count=1 iflag=direct || true; done`;
    await this.shell(["sh", "-c", read]);
  }

  /** The guest's clock stopped with the guest. The clock of its emulated hardware did not. */
  async #hearsTime(): Promise<void> {
    await this.shell(["hwclock", "--hctosys", "--utc"]);
  }

  #opened(): SshHosts {
    return openSshHosts({ identity: identityOf(this.parts.keys.client), connectTimeoutMs: 90_000 });
  }

  /** Cuts the power. Nothing is shut down. */
  async kill(): Promise<void> {
    if (this.#qemu !== null) await endDaemon(this.#qemu);
    this.#qemu = null;
  }

  shows(lun: Lun): boolean {
    return !this.unmapped.has(lun.name);
  }

  async close(): Promise<void> {
    await this.#ssh.close();
    await this.kill();
    await this.#losesTwin();
    await this.parts.array.stop();
    for (const relay of [this.parts.sshRelay, ...this.parts.portalRelays]) await relay.close();
  }
}
