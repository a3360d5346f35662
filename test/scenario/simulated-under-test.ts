import { fileSystem, physicalVolume } from "../../src/simulator/san/content.ts";
import type { Fault } from "../../src/simulator/san/fault.ts";
import type { SimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import type { HostsUnderTest, VmUnderTest } from "./hosts-under-test.ts";
import { passthrough } from "./vm-devices.ts";

/** Hosts that this process simulates. */
export class SimulatedUnderTest implements HostsUnderTest {
  readonly #hosts: SimulatedHosts;

  constructor(hosts: SimulatedHosts) {
    this.#hosts = hosts;
  }

  get names(): string[] {
    return this.#hosts.hosts.map(({ name }) => name);
  }
  fault(host: string, fault: Fault): Promise<void> {
    return this.#hosts.fault(host, fault);
  }
  heal(host: string): Promise<void> {
    return this.#hosts.heal(host);
  }
  powerOff(host: string): Promise<void> {
    return this.#hosts.powerOff(host);
  }
  powerOn(host: string): Promise<void> {
    return this.#hosts.powerOn(host);
  }
  async isMissed(host: string): Promise<void> {
    this.#hosts.array.ageLeases(host, 90_000);
  }
  async isGivenUp(host: string): Promise<void> {
    this.#hosts.array.ageLeases(host, 400_000);
  }
  async hasClockAhead(host: string, seconds: number): Promise<void> {
    this.#hosts.array.setClockAhead(host, 1_000 * seconds);
  }
  async formats(wwid: string, label: string): Promise<void> {
    this.#hosts.array.write(wwid, fileSystem("ext4", label), this.names[0]);
  }
  async labels(wwid: string, uuid: string): Promise<void> {
    const { sizeBytes } = this.#hosts.array.lun(wwid);
    this.#hosts.array.write(wwid, physicalVolume(uuid, { sizeBytes, dataStartBytes: 1024 ** 2 }, null), this.names[0]);
  }
  async clones(from: string, to: string): Promise<void> {
    this.#hosts.array.write(to, this.#hosts.array.lun(from).content);
  }
  async mounts(wwid: string, host: string, mountPoint: string): Promise<void> {
    this.#hosts.array.mount(wwid, host, mountPoint);
  }
  async signatures(wwid: string): Promise<string[]> {
    return this.#hosts.array.lun(wwid).content.signatures.map(({ type, uuid }) => `${type} ${uuid ?? ""}`.trim());
  }
  async unmaps(wwid: string, host: string): Promise<void> {
    this.#hosts.array.unmap(wwid, host, "dead paths");
  }
  async takes(wwid: string, host: string): Promise<void> {
    this.#hosts.array.unmap(wwid, host);
  }
  async offers(wwid: string, host: string): Promise<void> {
    this.#hosts.array.offerAgain(wwid, host);
  }
  async maps(wwid: string, host: string): Promise<void> {
    this.#hosts.array.map(wwid, host);
  }
  async failsPath(wwid: string, host: string): Promise<void> {
    this.#hosts.array.pathState(host, this.#firstPath(wwid, host), "failed");
  }
  async restoresPath(wwid: string, host: string): Promise<void> {
    this.#hosts.array.pathState(host, this.#firstPath(wwid, host), "running");
  }
  async guards(target: string, user: string, secret: string): Promise<void> {
    this.#hosts.array.setChap(target, { user, secret });
  }
  async grows(wwid: string, sizeBytes: number): Promise<void> {
    this.#hosts.array.grow(wwid, sizeBytes, []);
  }
  async learnsSize(wwid: string, host: string): Promise<void> {
    this.#hosts.array.grow(wwid, this.#hosts.array.lun(wwid).sizeBytes, [host]);
  }
  async flushesMap(wwid: string, host: string): Promise<void> {
    this.#hosts.array.flushMap(wwid, host);
  }
  async makesVolume(volumeGroup: string, name: string, sizeBytes: number, tags?: readonly string[]): Promise<void> {
    this.#hosts.volumes.create(volumeGroup, { name, sizeBytes, ...(tags === undefined ? {} : { tags }) });
  }
  async fillsThinPool(volumeGroup: string, name: string, dataPercent: number): Promise<void> {
    const mode = dataPercent === 100 ? "out_of_data_space" : "rw";
    this.#hosts.volumes.fill(volumeGroup, name, { kind: "thin-pool", dataPercent, metadataPercent: 10, mode });
  }
  async fillsSnapshot(volumeGroup: string, name: string, percent: number | null): Promise<void> {
    this.#hosts.volumes.fill(volumeGroup, name, {
      kind: "snapshot",
      percent: percent ?? 100,
      isValid: percent !== null,
    });
  }
  async volumes(volumeGroup: string): Promise<string[]> {
    return this.#hosts.volumes.names(volumeGroup);
  }
  async activates(volumeGroup: string, volume: string, host: string): Promise<void> {
    this.#hosts.volumes.activate(volumeGroup, volume, host);
  }
  async opens(volumeGroup: string, volume: string, host: string): Promise<void> {
    this.#hosts.volumes.open(volumeGroup, volume, host);
  }
  async closes(volumeGroup: string, volume: string, host: string): Promise<void> {
    this.#hosts.volumes.open(volumeGroup, volume, host, 0);
  }
  async startsVm(host: string, { volume, ...machine }: VmUnderTest): Promise<void> {
    this.#hosts.vms.start(host, { ...machine, volumes: [volume] });
  }
  async givesLunToVm(wwid: string, host: string, vm: { name: string; runs: boolean }): Promise<void> {
    this.#hosts.users.vm(host, wwid, vm);
  }
  async passesLunThrough(wwid: string, host: string, vm: string): Promise<void> {
    const [hctl] = this.#hosts.array.hctls(wwid, host);
    if (hctl === undefined) throw new Error(`${host} has no path to ${wwid}`);
    this.#hosts.users.vmWith(host, { name: vm, devices: [passthrough(hctl)] });
  }
  async takesVmAway(host: string, name: string): Promise<void> {
    this.#hosts.users.removeVm(host, name);
  }
  async opensLun(wwid: string, host: string): Promise<void> {
    this.#hosts.users.open(host, wwid, "sleep");
  }
  async closesLun(wwid: string, host: string): Promise<void> {
    this.#hosts.users.close(host, wwid);
  }
  async stacksBcache(wwid: string, host: string): Promise<void> {
    this.#hosts.users.stack(host, wwid, "bcache0");
  }
  async leavesPathOutOfMap(wwid: string, host: string): Promise<void> {
    this.#hosts.array.deletePath(host, this.#firstPath(wwid, host));
  }
  async losesDisks(wwid: string, host: string): Promise<void> {
    this.#hosts.array.unmap(wwid, host, "a map of gone paths");
  }
  async assemblesMaps(host: string): Promise<void> {
    this.#hosts.array.assembleMaps(host);
  }
  async joinsTwin(wwid: string, host: string): Promise<void> {
    this.#hosts.array.joinTwin(wwid, host);
  }
  async vms(host: string): Promise<string[]> {
    return this.#hosts.vms.names(host);
  }
  async changes(): Promise<string[]> {
    return this.names
      .flatMap((name) => this.#hosts.ran(name).map((ran) => ({ name, ran })))
      .filter(({ ran }) => ran.changed)
      .sort((left, right) => left.ran.order - right.ran.order)
      .map(({ name, ran }) => `${name}: ${ran.argv.join(" ")}`);
  }

  #firstPath(wwid: string, host: string): string {
    const [device] = this.#hosts.array.devices(wwid, host);
    if (device === undefined) throw new Error(`${host} has no path to ${wwid}`);
    return device;
  }
}
