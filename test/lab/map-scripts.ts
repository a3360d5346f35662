/** What the lab types on a guest to change the map of a LUN and its paths. */

export const mapOf = (wwid: string): string => `/dev/disk/by-id/dm-uuid-mpath-${wwid}`;

const nameOf = (wwid: string): string => `$(dmsetup info --noheadings -c -o name -u mpath-${wwid})`;

export const flushing = (wwid: string): string => `multipath -f ${nameOf(wwid)}`;

/** Removes the map and its disks. The disks behind QEMU's own controllers go by themselves. */
export const takingAway = (wwid: string): string =>
  `disks=$(lsblk --nodeps --noheadings --output NAME,WWN | sed -n 's/ *0x${wwid.slice(1)}$//p'); ${flushing(wwid)}
  for disk in $disks; do echo 1 > /sys/block/$disk/device/delete || true; done`;

/** Reads the size of each path again, then resizes the map. */
export const learningSize = (wwid: string): string =>
  `for path in /sys/block/$(basename $(readlink -f ${mapOf(wwid)}))/slaves/*/device/rescan; do echo 1 > $path; done
  udevadm settle; multipathd resize map ${nameOf(wwid)}`;

/** multipathd assembles the map some time after the kernel found the disks. */
export const scanningFor = (wwid: string): string =>
  `for file in /sys/class/scsi_host/*/scan; do echo "- - -" > $file; done; udevadm settle
  for second in $(seq 30); do [ ! -e ${mapOf(wwid)} ] || break; sleep 1; done`;

/** Debian's udev rules register it too. The second registration fails: it is there already. */
export const stackingBcache = (wwid: string): string =>
  `modprobe bcache; wipefs -qa ${mapOf(wwid)}; make-bcache -B ${mapOf(wwid)}; udevadm settle
  [ -e /dev/bcache0 ] || echo $(readlink -f ${mapOf(wwid)}) > /sys/fs/bcache/register
  for second in $(seq 30); do [ ! -e /sys/block/bcache0 ] || exit 0; sleep 1; done; exit 1`;

const slavesOf = (wwid: string): string => `/sys/block/$(basename $(readlink -f ${mapOf(wwid)}))/slaves`;

/** The address of one path: `3:0:0:1`. */
export const hctlOf = (wwid: string): string =>
  `basename $(readlink -f ${slavesOf(wwid)}/$(ls ${slavesOf(wwid)} | head -n 1)/device)`;

/** multipathd removes one path from the map, and forgets it: it neither checks it nor shows it. */
export const leavingOut = (wwid: string): string =>
  `multipathd del path $(ls ${slavesOf(wwid)} | head -n 1); udevadm settle`;

/**
 * Deletes every disk under the map while multipathd is stopped: it would empty the map, and reads would fail.
 * So the map queues, and a read of it waits permanently. multipathd does not change that when it starts.
 */
export const losingDisks = (wwid: string): string =>
  `systemctl stop multipathd.socket multipathd; dmsetup message ${nameOf(wwid)} 0 queue_if_no_path
  for disk in $(ls ${slavesOf(wwid)}); do echo 1 > /sys/block/$disk/device/delete; done; udevadm settle
  systemctl start multipathd; dmsetup table -u mpath-${wwid} | grep queue_if_no_path`;

/** Waits until the map has that many paths. */
export const untilPaths = (wwid: string, count: number): string =>
  `for second in $(seq 60); do [ $(ls ${slavesOf(wwid)} | wc -l) -lt ${count} ] || exit 0; sleep 1; done
  multipath -ll ${wwid} >&2; exit 1`;
