import { enableMultipath, makeMultipathConf } from "../../../src/host/mpathconf.ts";
import { listMultipathMaps, noteForMultipath, reconfigureMultipathd } from "../../../src/host/multipath.ts";
import { flushMap, resizeMap } from "../../../src/host/multipath-map.ts";
import { readMultipathdSettings, readMultipathFiles } from "../../../src/host/multipath-settings.ts";
import { type Family, WWID } from "./family.ts";

export const multipath: Family = {
  reads: [listMultipathMaps, readMultipathdSettings, readMultipathFiles],
  changes: [
    [flushMap("mpatha"), "multipath -f mpatha"],
    [noteForMultipath(WWID), `multipath -a ${WWID}`],
    [reconfigureMultipathd, "multipathd reconfigure"],
    [resizeMap("mpatha"), "multipathd resize map mpatha"],
    [makeMultipathConf("wwid"), "mpathconf --enable --find_multipaths y --user_friendly_names n --with_multipathd y"],
    [enableMultipath, "mpathconf --enable --with_multipathd y"],
  ],
  destroying: [],
};
