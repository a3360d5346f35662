import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Fault } from "../../src/simulator/san/fault.ts";
import type { HostsUnderTest, VmUnderTest } from "../scenario/hosts-under-test.ts";
import { passthrough } from "../scenario/vm-devices.ts";
import { changesIn } from "./counted.ts";
import { ends, happens } from "./host-faults.ts";
import { writeInventory } from "./inventory.ts";
import { LabOfStory } from "./lab-of-story.ts";
import { givenUpMs, type Leases, missedMs } from "./leases.ts";
import { lunNamed } from "./luns.ts";
import {
  flushing,
  hctlOf,
  learningSize,
  leavingOut,
  losingDisks,
  mapOf,
  scanningFor,
  stackingBcache,
  takingAway,
  untilPaths,
} from "./map-scripts.ts";
import { run } from "./places.ts";
import { runProgram } from "./program.ts";
import { ranLog } from "./stand-in.ts";
import { readState } from "./state.ts";
import { definingVm, givingLunToVm, startingVm } from "./vm.ts";

/** The lab's guests for a story, with faults made from outside the bot. */
export class LabHosts extends LabOfStory implements HostsUnderTest {
  readonly #faulty = new Set<string>();
  readonly #off = new Set<string>();

  /** The lab that runs, its inventory written for a bot. */
  static async of(dataDirectory: string, leases: Leases): Promise<LabHosts> {
    const state = await readState();
    if (state === null) throw new Error("no lab runs here. Next: npm run lab up");
    await writeInventory({ guests: state.guests, dataDirectory });
    return new LabHosts(state, leases);
  }

  override get untouched(): boolean {
    return super.untouched && this.#faulty.size === 0;
  }

  /** `touched`: steps ran. The next story needs a reset, which also ends all faults. */
  async leave(touched: boolean): Promise<void> {
    if (touched) await this.leavesTraces();
    if (existsSync(run.traces)) return;
    await Promise.all([...this.#faulty].map((name) => this.heal(name)));
  }

  async fault(host: string, fault: Fault): Promise<void> {
    this.#faulty.add(host);
    await this.ready();
    await happens(host, fault);
  }

  async heal(host: string): Promise<void> {
    await ends(host);
    this.#faulty.delete(host);
  }

  async powerOff(host: string): Promise<void> {
    await this.leavesTraces();
    await this.performs("host-kill", host);
    this.#off.add(host);
  }

  async powerOn(host: string): Promise<void> {
    await this.performs("host-start", host);
    this.#off.delete(host);
  }

  async isMissed(): Promise<void> {
    await setTimeout(missedMs);
  }

  async isGivenUp(): Promise<void> {
    await setTimeout(givenUpMs);
  }

  async hasClockAhead(host: string, seconds: number): Promise<void> {
    await this.leavesTraces();
    await this.types(host, `date --utc --set "${seconds} seconds"`);
  }

  async formats(wwid: string, label: string): Promise<void> {
    await this.leavesTraces();
    await this.types(this.names[0] ?? "", `mkfs.ext4 -q -F -L ${label} ${mapOf(wwid)}`);
  }

  async labels(wwid: string, uuid: string): Promise<void> {
    await this.leavesTraces();
    const script = `wipefs -qa ${mapOf(wwid)}; pvcreate -q --norestorefile --uuid ${uuid} ${mapOf(wwid)}`;
    await this.types(this.names[0] ?? "", script);
  }

  async clones(from: string, to: string): Promise<void> {
    await this.leavesTraces();
    const [source, copy] = [from, to].map((wwid) => run.lun(lunNamed(wwid).name));
    // The part of the disk with LVM's label and metadata.
    await runProgram("dd", [`if=${source}`, `of=${copy}`, "bs=1M", "count=2", "conv=notrunc,fsync", "status=none"]);
  }

  async mounts(wwid: string, host: string, mountPoint: string): Promise<void> {
    await this.leavesTraces();
    await this.types(host, `mkdir -p ${mountPoint} && mount -o ro ${mapOf(wwid)} ${mountPoint}`);
  }

  async signatures(wwid: string): Promise<string[]> {
    await this.ready();
    const file = run.lun(lunNamed(wwid).name);
    const found = await runProgram("wipefs", ["--no-act", "--noheadings", "--output", "TYPE,UUID", file]);
    return found.split("\n").flatMap((line) => (line.trim() === "" ? [] : line.trim().replace(/ +/, " ")));
  }

  async unmaps(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.performs("unmap", host, lunNamed(wwid).name);
  }

  async takes(wwid: string, host: string): Promise<void> {
    await this.types(host, takingAway(wwid));
    await this.unmaps(wwid, host);
  }

  async offers(wwid: string, host: string): Promise<void> {
    await this.performs("map", host, lunNamed(wwid).name);
  }

  async maps(wwid: string, host: string): Promise<void> {
    await this.offers(wwid, host);
    await this.types(host, scanningFor(wwid));
  }

  async failsPath(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.performs("path-fail", host, lunNamed(wwid).name, "1");
  }

  async restoresPath(wwid: string, host: string): Promise<void> {
    await this.performs("path-restore", host, lunNamed(wwid).name, "1");
  }

  async guards(_target: string, user: string, secret: string): Promise<void> {
    await this.leavesTraces();
    await this.performs("chap", user, secret);
  }

  async grows(wwid: string, sizeBytes: number): Promise<void> {
    await this.leavesTraces();
    await this.performs("grow", lunNamed(wwid).name, String(sizeBytes));
  }

  async learnsSize(wwid: string, host: string): Promise<void> {
    await this.types(host, learningSize(wwid));
  }

  async flushesMap(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.types(host, flushing(wwid));
  }

  async makesVolume(volumeGroup: string, name: string, sizeBytes: number, tags: readonly string[] = []): Promise<void> {
    await this.leavesTraces();
    const marks = tags.map((tag) => `--addtag ${tag} `).join("");
    const script = `lvcreate --yes -an -Zn -Wn ${marks}--size ${sizeBytes}b --name ${name} ${volumeGroup}`;
    await this.types(await this.#holderOf(volumeGroup), script);
  }

  async fillsThinPool(): Promise<void> {
    throw new Error("the lab's hosts make no thin pool");
  }
  async fillsSnapshot(): Promise<void> {
    throw new Error("the lab's hosts make no snapshot");
  }

  async volumes(volumeGroup: string): Promise<string[]> {
    const listing = `lvs --readonly --shared --noheadings --options lv_name ${volumeGroup} || true`;
    const names = await this.types(this.names[0] ?? "", listing);
    return names.split(/\s+/).filter((name) => name !== "");
  }

  async activates(volumeGroup: string, volume: string, host: string): Promise<void> {
    await this.types(host, `lvchange -aey ${volumeGroup}/${volume}`);
  }

  async opens(volumeGroup: string, volume: string, host: string): Promise<void> {
    const device = `/dev/${volumeGroup}/${volume}`;
    await this.types(
      host,
      `setsid sleep infinity < ${device} > /dev/null 2>&1 & echo $! > /run/lab-open-${volume}; udevadm settle`,
    );
  }

  async closes(_volumeGroup: string, volume: string, host: string): Promise<void> {
    await this.types(host, `kill $(cat /run/lab-open-${volume}); rm /run/lab-open-${volume}`);
  }

  async startsVm(host: string, vm: VmUnderTest): Promise<void> {
    await this.activates(vm.volumeGroup, vm.volume, host);
    await this.types(host, startingVm(vm));
  }

  async givesLunToVm(wwid: string, host: string, { name, runs }: { name: string; runs: boolean }): Promise<void> {
    await this.types(host, givingLunToVm(name, mapOf(wwid), runs));
  }

  async passesLunThrough(wwid: string, host: string, vm: string): Promise<void> {
    const hctl = (await this.types(host, hctlOf(wwid))).trim();
    await this.types(host, definingVm(vm, passthrough(hctl)));
  }

  async takesVmAway(host: string, name: string): Promise<void> {
    const virsh = "virsh --quiet --connect qemu:///system";
    await this.types(host, `${virsh} destroy ${name} || true; ${virsh} undefine ${name} || true`);
  }

  async opensLun(wwid: string, host: string): Promise<void> {
    const kept = `/run/lab-open-${wwid}`;
    await this.types(
      host,
      `setsid sleep infinity < ${mapOf(wwid)} > /dev/null 2>&1 & echo $! > ${kept}; udevadm settle`,
    );
  }

  async closesLun(wwid: string, host: string): Promise<void> {
    await this.types(host, `kill $(cat /run/lab-open-${wwid}); rm /run/lab-open-${wwid}`);
  }

  async stacksBcache(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.types(host, stackingBcache(wwid));
  }

  async leavesPathOutOfMap(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.types(host, leavingOut(wwid));
  }

  async losesDisks(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.opensLun(wwid, host);
    await this.types(host, losingDisks(wwid));
  }

  async assemblesMaps(host: string): Promise<void> {
    await this.types(host, "multipath");
  }

  async joinsTwin(wwid: string, host: string): Promise<void> {
    await this.leavesTraces();
    await this.performs("twin", host, lunNamed(wwid).name);
    await this.types(host, untilPaths(wwid, 3));
  }

  async vms(host: string): Promise<string[]> {
    const names = await this.types(host, "virsh --connect qemu:///system --readonly list --name");
    return names.split("\n").filter((name) => name !== "");
  }

  async changes(): Promise<string[]> {
    const log = (host: string) => this.types(host, `cat ${ranLog} 2>/dev/null || true`);
    // A host that is off can't be asked, and does nothing.
    const logs = this.names
      .filter((name) => !this.#off.has(name))
      .map(async (host) => ({ host, log: await log(host) }));
    return changesIn(await Promise.all(logs));
  }

  async arrange(kind: "mounted" | "notEverywhere" | "failedPath"): Promise<void> {
    await this.leavesTraces();
    const [, second = "", third = ""] = this.names;
    switch (kind) {
      case "mounted":
        return this.mounts(lunNamed("ext4").wwid, second, "/mnt/backup");
      case "notEverywhere":
        return this.unmaps(lunNamed("blank-virtio").wwid, third);
      case "failedPath":
        for (const name of this.names) await this.performs("path-fail", name, "blank-virtio", "1");
    }
  }

  /** The first host in the lockspace of the group: it may change the group. */
  async #holderOf(volumeGroup: string): Promise<string> {
    for (const name of this.names) {
      const lockspaces = await this.types(name, "lvmlockctl --info || true");
      if (lockspaces.includes(`VG ${volumeGroup} `)) return name;
    }
    throw new Error(`no host is in the lockspace of ${volumeGroup}`);
  }
}
