import { existsSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import type { Host } from "../../src/core/inventory.ts";
import { ArrayView } from "./array.ts";
import { type GuestDesign, guestDesigns } from "./designs.ts";
import { type Act, acts } from "./faults.ts";
import { Guest } from "./guest.ts";
import { hostsOf, refuseWhileBotRuns, writeInventory } from "./inventory.ts";
import { type KeyPair, newKeyPair } from "./keys.ts";
import { type Lun, luns } from "./luns.ts";
import { type Image, run } from "./places.ts";
import { freePorts } from "./ports.ts";
import { runProgram } from "./program.ts";
import { Relay } from "./relay.ts";
import type { LabState } from "./state.ts";
import { statusLines } from "./status.ts";

type Report = (line: string) => void;

/** The state that a lab begins with. */
const fresh = "fresh";
const copied = (from: string, to: string) => runProgram("cp", ["--sparse=always", "--reflink=auto", from, to]);

/** Guests, relays and arrays of one running lab. */
export class Lab {
  readonly state: LabState;
  readonly #guests: readonly Guest[];
  readonly #image: Image;
  readonly #log: number;

  private constructor(state: LabState, guests: readonly Guest[], image: Image, log: number) {
    this.state = state;
    this.#guests = guests;
    this.#image = image;
    this.#log = log;
  }

  /** Resolves when every guest has all LUNs with both paths. `log`: where programs write what they print. */
  static async start(image: Image, log: number, report: Report): Promise<Lab> {
    const client = newKeyPair("zstack-chatops lab");
    await writeFile(run.privateKey, client.privateText, { mode: 0o600 });
    const built = await Promise.all(guestDesigns.map((design) => buildGuest(design, client, image, log)));
    const guests = built.map(({ guest }) => guest);
    const state = {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      privateKeyFile: run.privateKey,
      dataDirectory: run.data,
      guests: built.map(({ registered: { name, user, port, hostKeySha256 } }) => ({ name, user, port, hostKeySha256 })),
    };
    await writeFile(run.knownHosts, built.map(({ knownHost }) => `${knownHost}\n`).join(""));
    const lab = new Lab(state, guests, image, log);
    try {
      await lab.#begin(report);
    } catch (error) {
      await lab.stop();
      throw error;
    }
    return lab;
  }

  async perform([verb = "", ...words]: readonly string[]): Promise<string> {
    if (verb === "status") return (await statusLines(this.state, this.#guests)).join("\n");
    if (verb === "reset") return this.#reset(words[0] ?? fresh);
    if (verb === "keep") return this.#keep(words[0] ?? "");
    const act: Act | undefined = acts[verb];
    if (act === undefined) throw new Error(`the lab can't ${verb}`);
    return act.run(this.#guests, words);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#guests.map((guest) => guest.close()));
  }

  /** Takes the LUNs and disks of the image and starts everything. */
  async #begin(report: Report): Promise<void> {
    await mkdir(run.data, { recursive: true, mode: 0o700 });
    await writeInventory(this.state);
    for (const lun of luns) {
      await copied(this.#image.lun(lun.name), run.lun(lun.name));
    }
    await Promise.all(
      this.#guests.map(async (guest) => {
        await guest.prepare();
        await guest.parts.array.start(this.#log);
        await guest.start();
        await guest.answers();
        report(`${guest.name} answers`);
        await guest.ready();
        report(`${guest.name} sees every LUN over two paths`);
        await guest.pause();
        await guest.keep(fresh);
      }),
    );
  }

  /** All guests are halted while their memory, disks and LUNs are copied: so the copies fit together. */
  async #keep(name: string): Promise<string> {
    if (!/^[a-z0-9-]+$/.test(name) || name === fresh) throw new Error("a name of small letters is needed");
    const kept = run.kept(name);
    await mkdir(kept.directory, { recursive: true });
    await Promise.all(this.#guests.map((guest) => guest.pause()));
    try {
      for (const lun of luns) await copied(run.lun(lun.name), kept.lun(lun.name));
      await Promise.all(this.#guests.map((guest) => guest.keep(name)));
    } finally {
      await Promise.all(this.#guests.map((guest) => guest.resume()));
    }
    return `all hosts and LUNs are kept as ${name}`;
  }

  /** Puts the kept state back: faster than a boot, and equal to the byte. */
  async #reset(name: string): Promise<string> {
    await refuseWhileBotRuns(this.state);
    if (name !== fresh && !existsSync(run.kept(name).directory)) throw new Error(`nothing is kept as ${name}`);
    // The mark stays until all is fresh: this may fail, or go back to what a story kept.
    await writeFile(run.traces, "");
    for (const guest of this.#guests) await guest.halt();
    try {
      await this.#takeBack(name);
    } catch (error) {
      await Promise.allSettled(this.#guests.map((guest) => guest.resume()));
      throw error;
    }
    await writeInventory(this.state);
    if (name === fresh) await rm(run.traces);
    return `all hosts and LUNs are as ${name === fresh ? "new" : `kept as ${name}`}; the inventory is new`;
  }

  async #takeBack(name: string): Promise<void> {
    const file = name === fresh ? this.#image.lun : run.kept(name).lun;
    const grown: Lun[] = [];
    for (const lun of luns) {
      if ((await stat(run.lun(lun.name))).size !== lun.sizeBytes) grown.push(lun);
      // In place: the array and the guests' QEMU have the file open.
      await copied(file(lun.name), run.lun(lun.name));
    }
    await Promise.all(
      this.#guests.map(async (guest) => {
        for (const lun of grown) if (guest.shows(lun)) await guest.learnsSize(lun);
        await guest.restore(name);
        await guest.ready();
      }),
    );
  }
}

async function buildGuest(design: GuestDesign, client: KeyPair, image: Image, log: number) {
  const hostKey = newKeyPair(design.name);
  const [sshPort, ...portals] = await freePorts(3);
  const [first, second] = portals;
  if (sshPort === undefined || first === undefined || second === undefined) throw new Error("no free ports");
  const sshRelay = await Relay.listening(sshPort);
  const { name, user } = design;
  const guests = [{ name, user, port: sshRelay.port, hostKeySha256: hostKey.sha256 }];
  const [registered] = hostsOf({ guests });
  if (registered === undefined) throw new Error("a guest is a host");
  const direct: Host = { ...registered, port: sshPort };
  const guest = new Guest(
    {
      design,
      keys: { hostKey: hostKey.privateText, authorized: client.publicLine, client: client.privateText },
      direct,
      sshRelay,
      portalRelays: [await Relay.listening(first), await Relay.listening(second)],
      array: new ArrayView(name, [first, second]),
    },
    image,
    log,
  );
  return { guest, registered, knownHost: `[127.0.0.1]:${sshRelay.port} ${hostKey.publicLine}` };
}
