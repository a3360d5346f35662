/** What is typed on a guest, about the map of a LUN and its paths. */

export const mapOf = (wwid: string): string => `/dev/disk/by-id/dm-uuid-mpath-${wwid}`;

const nameOf = (wwid: string): string => `$(dmsetup info --noheadings -c -o name -u mpath-${wwid})`;

export const flushing = (wwid: string): string => `multipath -f ${nameOf(wwid)}`;

/** Nothing is left of it. The disks behind QEMU's own controllers go by themselves. */
export const takingAway = (wwid: string): string =>
  `disks=$(lsblk --nodeps --noheadings --output NAME,WWN | sed -n 's/ *0x${wwid.slice(1)}$//p'); ${flushing(wwid)}
  for disk in $disks; do echo 1 > /sys/block/$disk/device/delete || true; done`;

/** Each path is asked for its size, and the map follows. */
export const learningSize = (wwid: string): string =>
  `for path in /sys/block/$(basename $(readlink -f ${mapOf(wwid)}))/slaves/*/device/rescan; do echo 1 > $path; done
  udevadm settle; multipathd resize map ${nameOf(wwid)}`;

/** multipathd assembles the map some time after the kernel found the disks. */
export const scanningFor = (wwid: string): string =>
  `for file in /sys/class/scsi_host/*/scan; do echo "- - -" > $file; done; udevadm settle
  for second in $(seq 30); do [ ! -e ${mapOf(wwid)} ] || break; sleep 1; done`;
