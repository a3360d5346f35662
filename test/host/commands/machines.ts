import { listMachineDisks, listMachines, powerOffMachine, shutDownMachine } from "../../../src/host/libvirt.ts";
import { readStoragePool, readVolumePath } from "../../../src/host/storage-pool.ts";
import { readVmDefinitions } from "../../../src/host/vm-definition.ts";
import type { Family } from "./family.ts";

const MACHINE = "f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11";

/** libvirt's virtual machines. */
export const machines: Family = {
  reads: [
    listMachineDisks(MACHINE),
    listMachines,
    readStoragePool("pool"),
    readVmDefinitions([MACHINE]),
    readVolumePath("pool", "unit:0:0:1"),
  ],
  changes: [[shutDownMachine(MACHINE), `virsh --connect qemu:///system shutdown --domain ${MACHINE}`]],
  destroying: [[powerOffMachine(MACHINE), `virsh --connect qemu:///system destroy --domain ${MACHINE}`]],
};
