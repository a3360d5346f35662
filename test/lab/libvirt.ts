/**
 * The guests' libvirt: Debian's daemon, started by the first `virsh`. The package with Debian's own units and
 * accounts brings a bus, policykit and a firewall, which would only cost time in emulation.
 */
export const libvirtSockets = ["libvirtd.socket", "libvirtd-ro.socket"] as const;

/** The user that QEMU runs as. Its group of the same name, and `kvm`, belong to it in Debian. */
export const qemuAccount = "libvirt-qemu";

const socket = (path: string): string =>
  `[Socket]\nListenStream=${path}\nSocketMode=0666\nService=libvirtd.service\n[Install]\nWantedBy=sockets.target\n`;

export const libvirtFiles = {
  "etc/systemd/system/libvirtd.service": {
    mode: 0o644,
    text: `[Unit]
Requires=${libvirtSockets.join(" ")}
[Service]
Type=notify
ExecStart=/usr/sbin/libvirtd --timeout 120
Restart=on-failure
# The VMs outlive their daemon.
KillMode=process
`,
  },
  "etc/systemd/system/libvirtd.socket": { mode: 0o644, text: socket("/run/libvirt/libvirt-sock") },
  "etc/systemd/system/libvirtd-ro.socket": { mode: 0o644, text: socket("/run/libvirt/libvirt-sock-ro") },
  // Without AppArmor, and without the daemon that rotates the logs of VMs.
  "etc/libvirt/qemu.conf": { mode: 0o644, text: 'security_driver = "none"\nstdio_handler = "file"\n' },
} as const;
