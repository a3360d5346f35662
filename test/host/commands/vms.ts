import { listRunningVms, listVmDisks, powerOffVm, shutDownVm } from "../../../src/host/libvirt.ts";
import { readStoragePool, readVolumePath } from "../../../src/host/storage-pool.ts";
import { readVmDefinitions } from "../../../src/host/vm-definition.ts";
import type { Family } from "./family.ts";

const MACHINE = "f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11";

/** The VMs of libvirt. */
export const vms: Family = {
  reads: [
    listVmDisks(MACHINE),
    listRunningVms,
    readStoragePool("pool"),
    readVmDefinitions([MACHINE]),
    readVolumePath("pool", "unit:0:0:1"),
  ],
  changes: [[shutDownVm(MACHINE), `virsh --connect qemu:///system shutdown --domain ${MACHINE}`]],
  destroying: [[powerOffVm(MACHINE), `virsh --connect qemu:///system destroy --domain ${MACHINE}`]],
};
