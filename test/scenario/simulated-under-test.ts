import { fileSystem } from "../../src/local/san/content.ts";
import type { Fault } from "../../src/local/san/fault.ts";
import type { SimulatedHosts } from "../../src/local/simulated-hosts.ts";
import type { HostsUnderTest, MachineUnderTest } from "./hosts-under-test.ts";

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
  async formats(wwid: string, label: string): Promise<void> {
    this.#hosts.array.write(wwid, fileSystem("ext4", label), this.names[0]);
  }
  async mounts(wwid: string, host: string, mountPoint: string): Promise<void> {
    this.#hosts.array.mount(wwid, host, mountPoint);
  }
  async unmaps(wwid: string, host: string): Promise<void> {
    this.#hosts.array.unmap(wwid, host, "dead paths");
  }
  async maps(wwid: string, host: string): Promise<void> {
    this.#hosts.array.map(wwid, host);
  }
  async grows(wwid: string, sizeBytes: number): Promise<void> {
    this.#hosts.array.grow(wwid, sizeBytes, []);
  }
  async flushesMap(wwid: string, host: string): Promise<void> {
    this.#hosts.array.flushMap(wwid, host);
  }
  async makesVolume(volumeGroup: string, name: string, sizeBytes: number): Promise<void> {
    this.#hosts.volumes.create(volumeGroup, { name, sizeBytes });
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
  async startsMachine(host: string, { volume, ...machine }: MachineUnderTest): Promise<void> {
    this.#hosts.machines.start(host, { ...machine, volumes: [volume] });
  }
  async machines(host: string): Promise<string[]> {
    return this.#hosts.machines.names(host);
  }
  async changes(): Promise<string[]> {
    return this.names
      .flatMap((name) => this.#hosts.ran(name).map((ran) => ({ name, ran })))
      .filter(({ ran }) => ran.changed)
      .sort((left, right) => left.ran.order - right.ran.order)
      .map(({ name, ran }) => `${name}: ${ran.argv.join(" ")}`);
  }
}
