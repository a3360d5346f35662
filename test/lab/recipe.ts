import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { libvirtFiles } from "./libvirt.ts";

export const suite = "bookworm";

/** Added to debootstrap's minbase. */
export const guestPackages = [
  ...["systemd-sysv", "udev", "kmod", "iproute2", "procps", "dbus", "openssh-server", "sudo"],
  ...["multipath-tools", "lvm2", "lvm2-lockd", "sanlock", "lsscsi", "sg3-utils", "open-iscsi", "fdisk"],
  ...["libvirt-daemon", "libvirt-clients", "qemu-system-x86", "bcache-tools"],
];

/** With the modules that they need. The rest of Debian's modules would only make the image big. */
export const kernelModules = [
  ...["virtio_pci", "virtio_blk", "virtio_net", "virtio_scsi", "virtio_rng", "ext4", "crc32c_generic", "autofs4"],
  ...["sd_mod", "iscsi_tcp", "dm_multipath", "dm_round_robin", "dm_service_time", "dm_queue_length"],
  ...["scsi_dh_alua", "scsi_dh_rdac", "softdog", "loop", "bcache"],
];
/** Loaded in this order before the root file system is mounted. Each follows the modules that it needs. */
export const earlyModules = ["virtio_pci", "virtio_blk", "virtio_net", "crc32c_generic", "ext4"];

/** A fresh host: what shared volume groups need is installed, not configured and not started. No timer runs. */
export const disabledUnits = [
  ...["sanlock", "wdmd", "lvmlockd", "lvmlocks", "e2scrub_reap", "getty@tty1"].map((name) => `${name}.service`),
  ...["apt-daily", "apt-daily-upgrade", "dpkg-db-backup", "e2scrub_all", "fstrim"].map((name) => `${name}.timer`),
];
/** These only cost time in a guest. */
export const maskedUnits = [
  ...["systemd-logind.service", "systemd-pstore.service", "systemd-update-utmp.service", "ldconfig.service"],
  ...["systemd-update-utmp-runlevel.service", "systemd-sysusers.service", "systemd-random-seed.service"],
  ...["dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount"],
  ...["modprobe@fuse.service", "modprobe@configfs.service", "systemd-binfmt.service", "lvm2-monitor.service"],
  ...["kmod-static-nodes.service", "systemd-tmpfiles-setup-dev.service", "systemd-sysctl.service"],
  ...["modprobe@loop.service", "modprobe@dm_mod.service", "systemd-user-sessions.service"],
  ...["getty-static.service", "systemd-journal-flush.service", "serial-getty@ttyS0.service", "getty.target"],
];

export const rootImageBytes = 1536 * 1024 ** 2;

/** What a guest prints on its serial line when its services run. A connection before that would only slow its start. */
export const answersMark = "LAB GUEST ANSWERS";

/** Files of every guest. */
export const imageFiles: Readonly<Record<string, { readonly mode: number; readonly text: string }>> = {
  "etc/ssh/sshd_config.d/lab.conf": {
    mode: 0o644,
    // Without PAM a login takes half the time. In emulation that is seconds.
    text: [
      "HostKey /etc/ssh/ssh_host_ed25519_key",
      "AuthorizedKeysFile /etc/ssh/lab-keys/%u",
      "PasswordAuthentication no",
      "UsePAM no",
      "UseDNS no\n",
    ].join("\n"),
  },
  "etc/sudoers.d/zstack": {
    mode: 0o440,
    // Without sessions and log, sudo takes half the time.
    text: "Defaults !syslog, !pam_session, !pam_setcred, !pam_acct_mgmt, !set_utmp\nzstack ALL=(ALL) NOPASSWD: ALL\n",
  },
  ...libvirtFiles,
  "etc/modules-load.d/lab.conf": { mode: 0o644, text: "dm_multipath\n" },
  "etc/systemd/journald.conf.d/lab.conf": { mode: 0o644, text: "[Journal]\nStorage=volatile\nReadKMsg=no\n" },
  // A start takes long if other programs keep the computer busy.
  "etc/systemd/system.conf.d/lab.conf": { mode: 0o644, text: "[Manager]\nDefaultTimeoutStartSec=300\n" },
  // A guest has one processor: more workers would only slow each other.
  "etc/udev/udev.conf": { mode: 0o644, text: "children_max=3\n" },
  // These rules run five programs for each event of a disk. udev's own scsi_id finds the same identity with one.
  "etc/udev/rules.d/55-scsi-sg3_id.rules": { mode: 0o644, text: "" },
  "etc/udev/rules.d/58-scsi-sg3_symlink.rules": { mode: 0o644, text: "" },
  // Hundreds of terminals and memory blocks need no events. In emulation they take as long as the rest of the boot.
  "etc/systemd/system/systemd-udev-trigger.service.d/lab.conf": {
    mode: 0o644,
    text: `[Service]
ExecStart=
ExecStart=/bin/udevadm trigger --type=devices --action=add --prioritized-subsystem=block --subsystem-match=block \
 --subsystem-match=scsi --subsystem-match=virtio --subsystem-match=pci --subsystem-match=net --subsystem-match=misc
`,
  },
  "etc/systemd/system/lab-answers.service": {
    mode: 0o644,
    text: `[Unit]
After=ssh.service open-iscsi.service multipathd.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c "echo ${answersMark} > /dev/ttyS0"
[Install]
WantedBy=multi-user.target
`,
  },
};

const definingFiles = [
  "recipe",
  "libvirt",
  "apt",
  "packages",
  "build",
  "root-image",
  "kernel",
  "initrd",
  "cpio",
  "lun-contents",
  "luns",
];

/** Changes with anything that goes into the kept image. It is made from the sources, so that none can be forgotten. */
export async function recipeHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of definingFiles) hash.update(await readFile(new URL(`${name}.ts`, import.meta.url)));
  return hash.digest("hex");
}
