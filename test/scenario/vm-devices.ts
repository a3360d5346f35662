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

/** A disk that is a volume of a storage pool. */
export const ofPool = (pool: string, volume: string): string => `<disk type='volume' device='disk'>
      <source pool='${pool}' volume='${volume}'/>
      <target dev='vdb' bus='virtio'/>
    </disk>`;

/** A disk that is a file, or a device named as one. */
export const byFile = (path: string): string => `<disk type='file' device='disk'>
      <source file='${path}'/>
      <target dev='vdb' bus='virtio'/>
    </disk>`;
