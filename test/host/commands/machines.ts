import { listMachineDisks, listMachines, powerOffMachine, shutDownMachine } from "../../../src/host/libvirt.ts";
import type { Family } from "./family.ts";

const MACHINE = "f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11";

/** libvirt's virtual machines. */
export const machines: Family = {
  reads: [listMachineDisks(MACHINE), listMachines],
  changes: [[shutDownMachine(MACHINE), `virsh --connect qemu:///system shutdown --domain ${MACHINE}`]],
  destroying: [[powerOffMachine(MACHINE), `virsh --connect qemu:///system destroy --domain ${MACHINE}`]],
};
