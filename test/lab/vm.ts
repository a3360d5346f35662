import type { VmUnderTest } from "../scenario/hosts-under-test.ts";

/** Sends `R` over the serial line: the VM runs. */
const saysThatItRuns = [0xba, 0xf8, 0x03, 0xb0, 0x52, 0xee];
/** CLI, HLT: nothing ends it, and it uses no processor time. */
const staysOn = [0xfa, ...saysThatItRuns, 0xf4, 0xeb, 0xfd];
/**
 * What an operating system does about the power button, through the PIIX4's registers where SeaBIOS puts them:
 * enables its event (PWRBTN_EN, port 0x602 bit 8), checks at each timer interrupt whether it came (PWRBTN_STS, port 0x600
 * bit 8; HLT ends with each), and switches the power off (SLP_EN with type 0, port 0x604).
 */
const goesOff = [
  ...[0xfb, 0xba, 0x02, 0x06, 0xb8, 0x00, 0x01, 0xef, ...saysThatItRuns],
  ...[0xf4, 0xba, 0x00, 0x06, 0xed, 0xf6, 0xc4, 0x01, 0x74, 0xf6],
  ...[0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4, 0xeb, 0xfd],
];

/** An operating system of a few bytes, as printf writes it, with the mark of a boot sector. */
const bootSector = (code: readonly number[]): string =>
  [...code, ...Array<number>(510 - code.length).fill(0), 0x55, 0xaa]
    .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
    .join("");

/** libvirt defines a VM with a whole LUN as its disk, or starts it. The disk has no operating system. */
export const givingLunToVm = (name: string, device: string, runs: boolean): string =>
  definingVm(
    name,
    `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/>
<source dev='${device}'/><target dev='sda' bus='scsi'/></disk>`,
    runs,
  );

/** libvirt defines a VM with these devices, or starts it. */
export function definingVm(name: string, devices: string, runs = false): string {
  return `set -e
cat > /run/lab-vm.xml <<'END-OF-VM'
<domain type='qemu'>
<name>${name}</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
<devices>
${devices}
<controller type='usb' model='none'/><memballoon model='none'/>
</devices></domain>
END-OF-VM
virsh --quiet --connect qemu:///system ${runs ? "create" : "define"} /run/lab-vm.xml`;
}

const definition = ({ name, volumeGroup, volume }: VmUnderTest, serial: string): string => `<domain type='qemu'>
<name>${name}</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
<devices>
<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/>
<source dev='/dev/${volumeGroup}/${volume}'/><target dev='vda' bus='virtio'/></disk>
<serial type='file'><source path='${serial}'/></serial>
<controller type='usb' model='none'/><memballoon model='none'/>
</devices></domain>`;

/** Writes the VM's operating system to its volume, has libvirt start it, and waits until it runs. */
export function startingVm(vm: VmUnderTest): string {
  const serial = `/var/lib/libvirt/lab-${vm.name}.serial`;
  return `set -e
printf '${bootSector(vm.heedsShutdown ? goesOff : staysOn)}' | dd of=/dev/${vm.volumeGroup}/${vm.volume} conv=notrunc oflag=sync status=none
cat > /run/lab-started-vm.xml <<'END-OF-VM'
${definition(vm, serial)}
END-OF-VM
virsh --quiet --connect qemu:///system create /run/lab-started-vm.xml
for second in $(seq 60); do
  if grep -q R ${serial}; then exit 0; fi
  sleep 1
done
echo "${vm.name} does not run after 60 s" >&2
exit 1`;
}
