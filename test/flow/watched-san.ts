import { expect, vi } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import type { Gathered, Reads } from "../../src/core/host-command.ts";
import type { Incident } from "../../src/core/incident.ts";
import type { Host, Inventory } from "../../src/core/inventory.ts";
import type { Operation } from "../../src/core/operation.ts";
import { done, late, type Outcome, unknown } from "../../src/core/outcome.ts";
import { plainLines } from "../../src/core/reply.ts";
import type { Acting } from "../../src/core/watch-facts.ts";
import { type Channel, messageNow, type World } from "../../src/flow/ports.ts";
import { WatchDesk } from "../../src/flow/watch-desk.ts";
import type { PathInMemory } from "../../src/host/multipathd.ts";
import { type Daemon, daemonOf } from "../../src/watch/daemons.ts";
import { type Desk, deskSchema, emptyDesk } from "../../src/watch/desk-file.ts";
import { acknowledgeIncident, resolveIncident, silenceIncident } from "../../src/watch/incident-acts.ts";
import { usualDamping } from "../../src/watch/incidents.ts";
import { type Known, knownSchema } from "../../src/watch/known.ts";
import { nobodyOnCall, type OnCall } from "../../src/watch/on-call.ts";
import { usualSettings, type WatchSettings } from "../../src/watch/watcher.ts";

const uuid = (kind: string, index: number): string => `${kind}${String(index).padStart(31, "0")}`;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const TWIN = "iqn.2026-11.example:twin";
const LETTERS = "abcdefghij";
const START = Date.parse("2026-11-29T10:00:00.000Z");

export const atOnce: WatchSettings = { ...usualSettings, damping: { ...usualDamping, lastsMs: () => 0 } };

export interface Post {
  readonly atS: number;
  /** `C1`, or `C1 1` for the thread of message 1. */
  readonly place: string;
  readonly text: string;
  /** Of a thread's post: the channel shows it too. */
  readonly inChannelToo: boolean;
}

/**
 * Hosts of one cluster, each with a path to each LUN through each port, and the whole watch over them: in memory and in
 * virtual time. `vi.useFakeTimers` is on.
 */
export class WatchedSan {
  inventory: Inventory;
  readonly posts: Post[] = [];
  /** Each message as it shows now. */
  readonly messages = new Map<string, string>();
  readonly errors: string[] = [];
  /** Running VMs by name, on every host; null: libvirt does not answer. */
  vms: readonly string[] | null = null;
  /** Of single hosts, other ones than `vms`. */
  readonly vmsOn = new Map<number, readonly string[] | null>();
  /** How many times each host's libvirt was asked. */
  readonly libvirtAsked = new Map<number, number>();
  /** The lease of a silent host gets old with time. Without it, it is old at once. */
  leasesAge = false;
  /** Used bytes of the storage, in percent. */
  percentUsed = 50;
  /** The size of every LUN. */
  lunBytes = 10 ** 12;
  /** By host: the LUN that it also reaches through an iSCSI target, over one more port. That target reports no numbers. */
  readonly twins = new Map<number, number>();
  /** The size that a path shows; null: the size of every LUN. */
  sizeOf: ((path: { host: number; lun: number; port: number }) => number) | null = null;
  /** Units that do not run, as `0 lvmlockd.service`. */
  readonly stopped = new Set<string>();
  operation: Pick<Operation, "words" | "state" | "confirmedAt" | "finishedAt" | "place" | "messageId"> | null = null;
  /** What the operation has locked, or had just before; null: all that it is asked for. */
  locked: readonly string[] | null = null;
  desk: Desk = emptyDesk;
  /** With the writes that have not ended. */
  #latest: Desk | null = null;
  readonly #known = new Map<string, string>();
  readonly #archive = new Map<string, Incident>();
  readonly #failed = new Set<string>();
  readonly #removed = new Set<string>();
  /** By host: since when. */
  readonly #silent = new Map<number, number>();
  /** Silent hosts that still renew their lease. */
  readonly alive = new Set<number>();
  readonly #unlocked = new Set<number>();
  readonly suspendedMs = new Map<number, number>();
  /** Daemons that don't answer: `1 sanlock`. */
  readonly #late = new Set<string>();
  /** Reads that end with an error: `paths` on each host, or `0 paths` on one. */
  readonly failing = new Map<string, string>();
  /** Reads that are understood only in part, and why. */
  readonly unclear = new Map<string, string>();
  /** By host: takes the lines of its kernel's events. */
  readonly #onLine = new Map<string, (line: string) => void>();
  /** How many times each host was observed. */
  readonly observed = new Map<number, number>();
  /** Of messages, by their keys. */
  readonly #ids = new Map<string, string>();
  readonly #settings: WatchSettings;
  readonly #onCall: OnCall;
  readonly #sizes: { readonly hosts: number; readonly luns: number; readonly ports: number };
  /** Hosts answer up to seven times as late, each at another time. */
  slowMs = 0;
  /** How long each write takes. */
  diskMs = 0;
  /** Which writes fail: there is no space for them. */
  readonly full = new Set<"desk" | "archive">();
  #watch: WatchDesk | null = null;
  #generation = 0;

  constructor(
    sizes: { readonly hosts: number; readonly luns: number; readonly ports: number },
    settings = usualSettings,
    onCall = nobodyOnCall,
  ) {
    this.#sizes = sizes;
    this.#settings = settings;
    this.#onCall = onCall;
    this.inventory = {
      zones: [{ uuid: uuid("a", 0), name: "ZONE-1" }],
      clusters: [{ uuid: uuid("b", 0), name: "cluster-1", zoneUuid: uuid("a", 0) }],
      hosts: range(sizes.hosts).map((index) => ({
        ...{ uuid: uuid("c", index), name: `host${index + 1}`, clusterUuid: uuid("b", 0), address: "192.0.2.1" },
        ...{ port: 22, user: "root", hostKeySha256: "SHA256:x", sanlockHostId: index + 1 },
      })),
      primaryStorages: [
        {
          ...{ uuid: uuid("d", 0), name: "ps-1", description: "", zoneUuid: uuid("a", 0), state: "Enabled" },
          clusterUuids: [uuid("b", 0)],
          sharedBlocks: [
            { wwid: this.wwid(0), sizeBytes: 10 ** 12, addedAt: "2026-11-29T00:00:00.000Z", heldWhenClaimed: [] },
          ],
        },
      ],
      lastSanlockHostId: sizes.hosts,
    };
  }

  wwid = (lun: number): string => `36b083fe000daf0180000155${String(lun).padStart(8, "0")}`;
  /** Incidents that people read of, with their state and the title of their message. */
  get titles(): string[] {
    return [...this.messages.values()].map((text) => text.split("\n")[0] ?? "");
  }
  incident(id: string): Incident {
    return this.desk.incidents.find((each) => each.id === id) ?? expect.fail(`no incident ${id}`);
  }

  /** Also after a kill: what is on disk stays, and nothing else. */
  async starts(): Promise<this> {
    const generation = ++this.#generation;
    this.desk = deskSchema.parse(JSON.parse(JSON.stringify(this.desk)));
    const known = new Map([...this.#known].map(([id, text]) => [id, knownSchema.parse(JSON.parse(text))]));
    const isDead = () => generation !== this.#generation;
    this.#watch = new WatchDesk({
      world: {
        hosts: {
          gather: async (host: Host, reads: Reads) => {
            // A slow host's answer is as old as its wait.
            const early = this.slowMs > 0 ? this.#answer(host, reads) : null;
            const waitMs = 20 + 1_000 * this.#delayS(host, reads) + this.slowMs * (Number(host.uuid.slice(-4)) % 8);
            await new Promise((resolve) => setTimeout(resolve, waitMs));
            return early ?? this.#answer(host, reads);
          },
          stream: (host: Host, _: unknown, { onLine, onTrouble }: Parameters<World["hosts"]["stream"]>[2]) => {
            this.#onLine.set(host.uuid, onLine);
            onTrouble(null);
            return { stop: () => undefined };
          },
        },
        inventory: { current: () => this.inventory },
        operations: {
          get: () => this.operation && { ...this.operation, id: "op-7" },
          latest: () => (this.operation ? [{ ...this.operation, id: "op-7" }] : []),
        },
        clock: { now: () => new Date() },
        log: {
          info: () => undefined,
          error: (doing: string, error: unknown) => this.errors.push(`${doing}: ${error}`),
        },
        buttonKey: "key",
      } as unknown as World,
      conversations: {
        at: (place) => this.#channel(place, isDead),
        inThread: (place, id) => this.#channel(`${place} ${id}`, isDead),
      },
      store: {
        desk: () => this.desk,
        update: async (change) => {
          const [next, result] = change(this.#latest ?? this.desk);
          if (isDead()) return new Promise(() => undefined);
          if (this.diskMs > 0) {
            this.#latest = next;
            await new Promise((resolve) => setTimeout(resolve, this.diskMs));
          }
          if (this.full.has("desk")) throw new Error("ENOSPC");
          this.desk = next;
          return result;
        },
        archive: async (incident) => {
          if (this.diskMs > 0) await new Promise((resolve) => setTimeout(resolve, this.diskMs));
          if (this.full.has("archive")) throw new Error("ENOSPC");
          this.#archive.set(incident.id, incident);
        },
        archived: async (id) => this.#archive.get(id) ?? null,
        archivedIds: async () => [...this.#archive.keys()],
        known,
        keepKnown: (id, latest: Known) => void this.#known.set(id, JSON.stringify(latest)),
      },
      ...{ history: null, settings: this.#settings, onCall: this.#onCall },
      channel: this.#channel("C1", isDead),
      changing: (names) =>
        this.operation !== null && (this.locked === null || names.some((name) => this.locked?.includes(name)))
          ? ["op-7"]
          : [],
    });
    this.#watch.start();
    return this;
  }

  /** Nothing of it runs any more, and nothing reaches the disk. */
  kill(): void {
    const old = this.#watch;
    this.#generation += 1;
    void old?.stop();
    this.#watch = null;
  }

  archived(id: string): Incident | null {
    return this.#archive.get(id) ?? null;
  }

  get watch(): WatchDesk {
    return this.#watch ?? expect.fail("the watch does not run");
  }

  async passes(seconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
  }

  /** The kernel of each host with such a path says so. */
  sets(works: boolean, which: (path: { host: number; lun: number; port: number }) => boolean): void {
    for (const host of range(this.#sizes.hosts)) {
      const own = range(this.#sizes.luns).flatMap((lun) =>
        range(this.#sizes.ports + (this.twins.get(host) === lun ? 1 : 0)).map((port) => ({ host, lun, port })),
      );
      const chosen = own.filter(which);
      for (const { lun, port } of chosen) this.#failed[works ? "delete" : "add"](`${host} ${lun} ${port}`);
      if (chosen.length > 0) this.#says(host, `DM_ACTION=${works ? "PATH_REINSTATED" : "PATH_FAILED"}`);
    }
  }
  /** A VM begins or ends, or LVM takes a snapshot: no path changes. */
  changesVolume(host: number): void {
    this.#says(host, "DM_COOKIE=6291456");
  }
  #says(host: number, ...properties: readonly string[]): void {
    for (const line of ["KERNEL[1.2] change   /devices/virtual/block/dm-0 (block)", "ACTION=change", ...properties])
      this.#onLine.get(uuid("c", host))?.(line);
  }
  /** How many paths of the LUN work on the host; null: the host does not answer. */
  pathsLeft(host: number, lun: number): number | null {
    if (this.#silent.has(host)) return null;
    return range(this.#sizes.ports).filter((port) => !this.#failed.has(`${host} ${lun} ${port}`)).length;
  }
  /** Without an event: the host has this LUN no more, or only this path of it. */
  removes(host: number, lun: number, port?: number): void {
    this.#removed.add(port === undefined ? `${host} ${lun}` : `${host} ${lun} ${port}`);
  }
  /** Without an event: the host itself is off. */
  powers(host: number, isOn: boolean): void {
    if (isOn) this.#silent.delete(host);
    else this.#silent.set(host, Date.now());
    if (!isOn) this.locks(host, false);
  }
  locks(host: number, isOn: boolean): void {
    this.#unlocked[isOn ? "delete" : "add"](host);
  }

  /** A program of the host is suspended: those who ask it wait. */
  suspends(host: number, daemon: Daemon, isOn = true): void {
    this.#late[isOn ? "add" : "delete"](`${host} ${daemon}`);
    if (isOn && daemon === "sanlock") this.suspendedMs.set(host, Date.now());
  }
  /** The inventory changes, as a command would do it. */
  has(change: (inventory: Inventory) => Inventory): void {
    this.inventory = change(this.inventory);
    this.watch.followInventory();
  }

  #channel(place: string, isDead: () => boolean): Channel {
    return {
      place,
      say: async (message, once) => {
        await once?.begins();
        if (isDead()) return new Promise(() => undefined);
        const { inChannelToo = false } = messageNow(message);
        const text = textOf(messageNow(message));
        this.posts.push({ atS: Math.round((Date.now() - START) / 100) / 10, place, text, inChannelToo });
        const id = String(this.posts.length);
        const { key } = messageNow(message);
        if (key !== undefined) this.#ids.set(key, id);
        if (place === "C1") this.messages.set(id, text);
        return id;
      },
      revise: async (id, message) => {
        if (!isDead() && this.messages.has(id)) this.messages.set(id, textOf(message));
      },
      find: async (key) => this.#ids.get(key) ?? null,
    };
  }

  /** What a suspended program delays, in seconds: each question to it waits until its limit. */
  #delayS({ uuid: id }: Host, reads: Reads): number {
    const host = this.inventory.hosts.findIndex((each) => each.uuid === id);
    const asked = Object.keys(reads).filter((read) => this.#isLate(host, read));
    const ids = asked.filter((read) => read.startsWith("ids "));
    return 4 * new Set(asked.map(daemonOf)).size + 2 * ids.length;
  }
  #isLate = (host: number, read: string): boolean => this.#late.has(`${host} ${daemonOf(read)}`);

  #answer<R extends Reads>({ uuid: id }: Host, reads: R): Gathered<R> {
    const host = Number(id.slice(1));
    if ("paths" in reads) this.observed.set(host, (this.observed.get(host) ?? 0) + 1);
    if ("running" in reads) this.libvirtAsked.set(host, (this.libvirtAsked.get(host) ?? 0) + 1);
    const answer = (read: string): Outcome => {
      if (this.#silent.has(host) || (read === "running" && this.#vmsOf(host) === null)) return unknown("timed out");
      if (this.#isLate(host, read)) return late(`${read} did not end within 4 s`);
      const stderr = this.failing.get(read) ?? this.failing.get(`${host} ${read}`);
      const why = this.unclear.get(`${host} ${read}`);
      if (why !== undefined)
        return { ...done(this.#value(host, read)), notUnderstood: [{ line: "", why, about: null }] } as Outcome;
      return stderr === undefined ? done(this.#value(host, read)) : { kind: "failed", exitCode: 1, stderr };
    };
    return Object.fromEntries(Object.keys(reads).map((read) => [read, answer(read)])) as Gathered<R>;
  }

  #vmsOf(host: number): readonly string[] | null {
    const own = this.vmsOn.get(host);
    return own === undefined ? this.vms : own;
  }

  #value(host: number, read: string): unknown {
    const [storage] = this.inventory.primaryStorages;
    const volumeGroup = storage?.uuid ?? "";
    const isLocked = !this.#unlocked.has(host);
    switch (read.split(" ")[0]) {
      case "clock":
        return Date.now();
      case "paths":
        return this.#paths(host);
      case "sizes":
        return this.#reached(host).map(({ lun, port }) => ({
          device: this.#device(host, lun, port),
          sizeBytes: this.sizeOf?.({ host, lun, port }) ?? this.lunBytes,
        }));
      case "sanlock":
        return {
          ...{ ownerName: `host${host + 1}`, usesWatchdog: true },
          renewals: isLocked
            ? [{ volumeGroup, hostId: host + 1, ageSeconds: 5, failing: false, ioTimeoutSeconds: 10 }]
            : [],
        };
      case "leases":
        return isLocked ? [{ volumeGroup, hostId: host + 1, state: "held", lockspace: "", orphans: [] }] : [];
      case "lockspaces":
        return isLocked ? [{ volumeGroup, volumeGroupUuid: "u", lockType: "sanlock" }] : [];
      case "ids":
        return range(this.#sizes.hosts).map((index) => ({
          ...{ hostId: index + 1, ownerName: `host${index + 1}`, released: false, ioTimeoutSeconds: 10 },
          unchangedSeconds: this.#unchangedS(index),
        }));
      case "units":
        return ["sanlock.service", "lvmlockd.service", "multipathd.service"].map((name) => ({
          ...{ name, loaded: true, active: !this.stopped.has(`${host} ${name}`), enabled: true },
        }));
      case "groups":
        return [
          {
            name: volumeGroup,
            sizeBytes: 10 ** 12,
            freeBytes: (100 - this.percentUsed) * 10 ** 10,
            missingPhysicalVolumes: 0,
          },
        ];
      case "running":
        return (this.#vmsOf(host) ?? []).map((name) => ({ uuid: name, name }));
      case "serial":
        return null;
      case "page":
        return { name: null, port: null };
      case "sessions":
        return this.twins.has(host)
          ? [
              {
                ...{ scsiHost: this.#sizes.ports, target: TWIN, loggedInAt: null },
                portal: { address: "192.0.2.9", port: 3260 },
              },
            ]
          : [];
      case "thinPools":
      case "snapshots":
        return [];
      default:
        return [`/dev/${volumeGroup}/volume`];
    }
  }

  /** A suspended sanlock renews nothing. */
  #unchangedS(host: number): number {
    const since = this.suspendedMs.get(host);
    if (since !== undefined && this.#late.has(`${host} sanlock`)) return Math.round((Date.now() - since) / 1000);
    const silentSince = this.#silent.get(host);
    if (silentSince === undefined || this.alive.has(host)) return 5;
    return this.leasesAge ? 5 + Math.round((Date.now() - silentSince) / 1000) : 300;
  }

  /** The LUNs that the host has, each with the ports through which it reaches them. */
  #reached(host: number): { readonly host: number; readonly lun: number; readonly port: number }[] {
    const luns = range(this.#sizes.luns).filter((lun) => !this.#removed.has(`${host} ${lun}`));
    return luns.flatMap((lun) =>
      range(this.#sizes.ports + (this.twins.get(host) === lun ? 1 : 0))
        .filter((port) => !this.#removed.has(`${host} ${lun} ${port}`))
        .map((port) => ({ host, lun, port })),
    );
  }

  /** A disk has a name that kernels use only if its target matters. */
  #device = (host: number, lun: number, port: number): string =>
    this.twins.has(host) ? `sd${LETTERS[lun]}${LETTERS[port]}` : `sd${lun}x${port}`;

  #paths(host: number): PathInMemory[] {
    return this.#reached(host).map(({ lun, port }) => {
      const works = !this.#failed.has(`${host} ${lun} ${port}`);
      const isTwin = port === this.#sizes.ports;
      return {
        ...{ wwid: this.wwid(lun), map: `mpath${lun}`, hctl: `${port}:0:0:${lun}` },
        device: this.#device(host, lun, port),
        ...{ dmState: works ? "active" : "failed", checkerState: works ? "ready" : "faulty" },
        ...(isTwin ? { target: TWIN, targetPort: null } : { target: "0x5000", targetPort: `0x500${port}` }),
      };
    });
  }
}

/** A person sends a command about an incident. */
const acts =
  <A>(act: (args: A, facts: Facts, acting: Acting) => Promise<unknown>) =>
  async (san: WatchedSan, args: A): Promise<void> => {
    const facts = { inventory: san.inventory, now: () => Date.now(), watch: san.watch } as unknown as Facts;
    await act(args, facts, { by: "U1", notes: san.watch } as unknown as Acting);
  };
const resolve = acts(resolveIncident);
export const resolves = (san: WatchedSan, id: string) => resolve(san, { id, reason: "known" });
const acknowledge = acts(acknowledgeIncident);
export const acknowledges = (san: WatchedSan, id: string) => acknowledge(san, { id });
const silence = acts(silenceIncident);
export const silences = (san: WatchedSan, id: string, forMs: number) =>
  silence(san, { id, for: forMs, reason: "repair" });

const textOf = ({ reply }: ReturnType<typeof messageNow>): string =>
  [reply.title, ...plainLines(reply.parts)].join("\n");
export const beginsVirtualTime = (): void => void vi.useFakeTimers({ now: START });
