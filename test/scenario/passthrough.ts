/** A disk that a VM gets by SCSI passthrough, as libvirt's domain XML has it; `hctl`: `3:0:0:1`. */
export function passthrough(hctl: string): string {
  const [host, bus, target, unit] = hctl.split(":");
  return `<hostdev mode='subsystem' type='scsi' managed='no'>
      <source>
        <adapter name='scsi_host${host}'/>
        <address bus='${bus}' target='${target}' unit='${unit}'/>
      </source>
    </hostdev>`;
}
