import { reasonOf } from "../../core/outcome.ts";
import { isMissing } from "../observe/host-view.ts";
import { type ClusterLook, type HostLook, unitOf } from "./cluster-observation.ts";
import { fine, unknown, type Verdict } from "./verdict.ts";

/** With its watchdog in use sanlock resets a host that loses its leases; without it a hung host may write late. */
export function watchdog(look: HostLook, { storage }: ClusterLook): Verdict {
  const { sanlock, watchdogs } = look.seen;
  if (storage === null && (isMissing(sanlock) || (sanlock.kind === "done" && sanlock.value === null))) {
    return fine("sanlock is not running; no storage needs it");
  }
  const next = `host show ${look.host.name}`;
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", next);
  if (sanlock.value === null) return unknown("sanlock is not running and does not say", next);
  if (sanlock.value.usesWatchdog === null) {
    return unknown(
      "sanlock does not say whether it uses one",
      `on ${look.host.name}: look at /etc/sanlock/sanlock.conf`,
    );
  }
  if (!sanlock.value.usesWatchdog) return fine("not used, as ZStack's agent sets it");
  if (watchdogs.kind !== "done") return unknown(reasonOf(watchdogs) ?? "", next);
  const device = watchdogs.value.length > 0;
  if (device && unitOf(look, "wdmd.service")?.active) return fine("in use");
  return {
    grade: "broken",
    seen: `sanlock uses the watchdog, but ${device ? "wdmd is not running" : "there is no watchdog device"}`,
    mend: `on ${look.host.name}: ${device ? "systemctl enable --now wdmd" : "modprobe softdog"}`,
  };
}
