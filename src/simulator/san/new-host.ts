import { fileSystemUuid } from "./content.ts";
import { fcHostFiles } from "./fc-hosts.ts";
import { type SanHost, settingsAsInstalled } from "./san-state.ts";

const gibibyte = 1024 ** 3;

const osRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;

const lvmLocalConf = `# This is a local configuration file template for the LVM2 system
# which should be installed as /etc/lvm/lvmlocal.conf .

# Configuration section local.
# LVM settings that are specific to the local host.
local {

	# Configuration option local/host_id.
	# The lvmlockd sanlock host_id.
	# This must be unique among all hosts, and must be between 1 and 2000.
	# This configuration option has an automatic default value.
	# host_id = 0
}
`;

/** A Debian 12 host as it is before the bot: multipathd runs; sanlock and lvmlockd are installed and off. */
export function newHost(name: string, user: string, etcHosts: string): SanHost {
  const wwn = `0x5000c500${fileSystemUuid(name).slice(0, 8)}`;
  const unit = (unitName: string, on: boolean) => ({ name: unitName, active: on, enabled: on });
  return {
    name,
    user,
    port: null,
    scsiHosts: [0, 1, 2],
    transport: "sas",
    localDisk: {
      device: "sda",
      hctl: "1:0:0:0",
      model: "ST1000NX0423",
      revision: "NB33",
      serial: fileSystemUuid(name).slice(0, 8).toUpperCase(),
      wwn,
      sizeBytes: 1_000_204_886_016,
      partitions: [
        {
          number: 1,
          sizeBytes: gibibyte,
          fileSystem: "ext4",
          label: "boot",
          uuid: fileSystemUuid(`${name} boot`),
          mountPoint: "/boot",
        },
        {
          number: 2,
          sizeBytes: 999_130_136_576,
          fileSystem: "ext4",
          label: null,
          uuid: fileSystemUuid(`${name} root`),
          mountPoint: "/",
        },
      ],
    },
    paths: [],
    maps: [],
    mounts: [],
    activeVolumes: [],
    files: [
      { path: "/etc/os-release", content: osRelease },
      { path: "/etc/hostname", content: `${name}\n` },
      { path: "/etc/hosts", content: etcHosts },
      { path: "/etc/lvm/lvm.conf", content: "# This is an example configuration file for the LVM2 system.\n" },
      { path: "/etc/lvm/lvmlocal.conf", content: lvmLocalConf },
      {
        path: "/etc/iscsi/initiatorname.iscsi",
        content: `## DO NOT EDIT OR REMOVE THIS FILE!\nInitiatorName=iqn.1993-08.org.debian:01:${fileSystemUuid(name).slice(-12)}\n`,
      },
      ...fcHostFiles(name, 2, false),
      { path: "/etc/multipath.conf", content: "defaults {\n\tfind_multipaths yes\n\tuser_friendly_names yes\n}\n" },
    ],
    directories: ["/etc", "/home", `/home/${user}`, "/mnt", "/root", "/tmp", "/var", "/var/lib", "/var/log"],
    units: [
      unit("multipathd.service", true),
      unit("multipathd.socket", true),
      unit("sanlock.service", false),
      unit("lvmlockd.service", false),
      unit("wdmd.service", false),
      unit("iscsid.service", false),
      unit("open-iscsi.service", false),
      // Of the RHEL family.
      unit("iscsi.service", false),
      unit("iscsi-starter.service", false),
    ],
    links: [],
    missingPackages: [],
    modules: ["dm_mod", "dm_multipath"],
    hostname: null,
    address: null,
    multipathSettings: settingsAsInstalled,
    lockspaces: [],
    clockAheadMs: 0,
    watchdogs: [],
    machines: [],
    storagePools: [],
    stacked: [],
    openers: [],
    exports: [],
    loops: [],
    claims: [],
    hiddenOpens: [],
    iscsiSessions: [],
    withheld: [],
    isDown: false,
    udevMemory: [],
  };
}
