import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import { reconfigure } from "./multipath.ts";
import { complaintOfConf, shownConfig } from "./multipath-conf.ts";
import { shownByDaemon } from "./multipathd-show.ts";
import { isActive } from "./start-lockspace.ts";
import { startUnit } from "./systemctl.ts";

/**
 * `multipathd reconfigure`, `multipathd show …` and `multipathd resize map NAME`: requests to the running daemon. It
 * answers what was asked for, `ok` or `fail`.
 */
export const multipathd: Program = (args, place) => {
  if (!place.root) return complained("need to be root\n");
  // Its client reads the settings too, before it asks the daemon.
  const complaint = complaintOfConf(place.host);
  if (complaint !== null) return complained(complaint);
  if (!isActive(place.host, SERVICE)) startBySocket(place);
  if (!isActive(place.host, SERVICE)) return printed("", 1);
  const [verb, what, name] = args;
  if (verb === "show" && what === "config") return printed(shownConfig(place.host.multipathSettings));
  if (verb === "show" || verb === "list") return shownByDaemon(args.slice(1), place) ?? printed("fail\n", 1);
  if (verb === "reconfigure" && args.length === 1) {
    reconfigure(place);
    return printed("ok\n");
  }
  return verb === "resize" && what === "map" && name !== undefined ? resize(name, place) : printed("fail\n", 1);
};

const SERVICE = "multipathd.service";

/** systemd holds the daemon's socket. A question starts the daemon, also after a person stopped it. */
function startBySocket(place: Place): void {
  const service = place.host.units.find(({ name }) => name === SERVICE);
  if (service !== undefined && isActive(place.host, "multipathd.socket")) startUnit(service, place);
}

/** A map with an alias is known only by its alias. It takes the size of its paths if they agree. */
function resize(name: string, { san, host }: Place): Result {
  const map = host.maps.find((one) => one.alias === name);
  const sizes = new Set(
    host.paths.filter((path) => path.wwid === map?.wwid && path.device !== null).map((path) => path.sizeBytes),
  );
  const [size] = sizes;
  if (map === undefined || size === undefined || sizes.size > 1) return printed("fail\n", 1);
  if (map.sizeBytes !== size) {
    map.sizeBytes = size;
    san.changed();
  }
  return printed("ok\n");
}
