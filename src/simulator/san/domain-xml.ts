import type { SanVm } from "./san-state.ts";

/** A VM's definition as libvirt 9.0 prints it; `isLater`: the one that counts at its next start. */
export function definitionOf(vm: SanVm, isLater: boolean): string {
  const { uuid, name, disks, rawDisks, rawDisksLater, devices, qemuArguments } = vm;
  const hasThem = isLater || !rawDisksLater;
  const all = [
    ...disks.map(({ volumeGroup, volume }, place) =>
      disk("disk", `/dev/${volumeGroup}/${volume}`, `vd${String.fromCharCode(97 + place)}`, "virtio"),
    ),
    ...(hasThem ? rawDisks : []).map(({ source, target }) => disk("lun", source, target, "scsi")),
    `    <disk type='file' device='cdrom'>
      <target dev='hdc' bus='ide'/>
      <readonly/>
    </disk>`,
    ...(hasThem ? devices : []),
  ];
  const isExtended = qemuArguments.length > 0 && hasThem;
  const id = isLater ? "" : " id='1'";
  return `<domain type='kvm'${id}${isExtended ? " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'" : ""}>
  <name>${escaped(name)}</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>1048576</memory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
${all.join("\n")}
    <serial type='pty'>
      <source path='/dev/pts/0'/>
      <target type='isa-serial' port='0'/>
    </serial>
  </devices>
${isExtended ? commandLine(qemuArguments) : ""}</domain>
`;
}

const disk = (device: string, source: string, target: string, bus: string): string =>
  `    <disk type='block' device='${device}'>
      <driver name='qemu' type='raw' cache='none'/>
      <source dev='${escaped(source)}'/>
      <target dev='${escaped(target)}' bus='${bus}'/>
    </disk>`;

const commandLine = (qemuArguments: readonly string[]): string =>
  `  <qemu:commandline>
${qemuArguments.map((each) => `    <qemu:arg value='${escaped(each)}'/>\n`).join("")}  </qemu:commandline>
`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&apos;").replaceAll('"', "&quot;");
