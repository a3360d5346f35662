import { flushMap, listMultipathMaps, noteForMultipath } from "../../../src/host/multipath.ts";
import { enableMultipath, makeMultipathConf } from "../../../src/host/multipath-conf.ts";
import {
  readMultipathdSettings,
  readMultipathFiles,
  reconfigureMultipathd,
  resizeMap,
} from "../../../src/host/multipathd.ts";
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
