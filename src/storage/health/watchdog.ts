import { noneIfNotInstalled } from "../../core/not-installed.ts";
import { reasonOf } from "../../core/outcome.ts";
import { type ClusterObservation, type HostObservation, unitOf } from "./cluster-observation.ts";
import { fine, unknown, type Verdict } from "./verdict.ts";

/** With its watchdog in use sanlock resets a host that loses its leases; without it a hung host may write late. */
export function watchdog(observation: HostObservation, { storage }: ClusterObservation): Verdict {
  const { sanlock, watchdogs } = observation.seen;
  const { sanlock: running } = noneIfNotInstalled(observation.seen, { sanlock: null });
  if (storage === null && running.kind === "done" && running.value === null) {
    return fine("sanlock is not running; no storage needs it");
  }
  const next = `host show ${observation.host.name}`;
  if (sanlock.kind !== "done") return unknown(reasonOf(sanlock) ?? "", next);
  if (sanlock.value === null) return unknown("sanlock is not running and does not say", next);
  if (sanlock.value.usesWatchdog === null) {
    return unknown(
      "sanlock does not say whether it uses one",
      `on ${observation.host.name}: look at /etc/sanlock/sanlock.conf`,
    );
  }
  if (!sanlock.value.usesWatchdog) return fine("not used, as ZStack's agent sets it");
  if (watchdogs.kind !== "done") return unknown(reasonOf(watchdogs) ?? "", next);
  const device = watchdogs.value.length > 0;
  if (device && unitOf(observation, "wdmd.service")?.active) return fine("in use");
  return {
    grade: "broken",
    seen: `sanlock uses the watchdog, but ${device ? "wdmd is not running" : "there is no watchdog device"}`,
    fix: `on ${observation.host.name}: ${device ? "systemctl enable --now wdmd" : "modprobe softdog"}`,
  };
}
