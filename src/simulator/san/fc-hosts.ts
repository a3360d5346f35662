import { createHash } from "node:crypto";

/** sysfs of a Fibre Channel port of the host, as the driver of a QLogic adapter fills it. */
export function fcHostFiles(hostName: string, scsiHost: number, isUp: boolean): { path: string; content: string }[] {
  const digits = createHash("sha256").update(`${hostName} ${scsiHost}`).digest("hex").slice(0, 6);
  const values = {
    port_name: `0x21000024ff${digits}`,
    node_name: `0x20000024ff${digits}`,
    port_state: isUp ? "Online" : "Linkdown",
    port_type: isUp ? "NPort (fabric via point-to-point)" : "Unknown",
    speed: isUp ? "16 Gbit" : "unknown",
    supported_speeds: "4 Gbit, 8 Gbit, 16 Gbit",
    symbolic_name: "QLE2692 FW:v8.08.05 DVR:v10.02.07.900-k",
  };
  return Object.entries(values).map(([name, value]) => ({
    path: `/sys/class/fc_host/host${scsiHost}/${name}`,
    content: `${value}\n`,
  }));
}
