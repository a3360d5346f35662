import type { KernelEvent } from "../san/kernel-events.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, printed, type Result } from "../san/program.ts";

/** The host's monotonic clock: it has run for days. */
const BOOTED_S = 1_000_000;

const sources = {
  udev: "UDEV - the event which udev sends out after rule processing",
  kernel: "KERNEL - the kernel uevent",
} as const;

/**
 * `udevadm monitor [--kernel] [--udev] [--property] [--subsystem-match=SUBSYSTEM[/DEVTYPE]]`: prints until it is ended,
 * each event as it happens. udevadm flushes after each event, so a pipe holds nothing back. udev's own properties are not
 * simulated.
 */
export async function monitorEvents(args: readonly string[], { signal, live }: Place): Promise<Result> {
  const options = readOptions(
    args,
    { kernel: "flag", udev: "flag", property: "flag", environment: "flag", "subsystem-match": "value" },
    { k: "kernel", u: "udev", p: "property", e: "environment", s: "subsystem-match" },
  );
  if (options.complaint !== null) return complained(`udevadm monitor: ${options.complaint}\n`);
  const { given } = options;
  const asked = (["udev", "kernel"] as const).filter((source) => given.has(source));
  const shown = asked.length > 0 ? asked : (["udev", "kernel"] as const);
  const withProperties = given.has("property") || given.has("environment");
  const [subsystem, type] = given.get("subsystem-match")?.split("/") ?? [];
  const isAsked = (subsystem ?? "block") === "block" && (type ?? "disk") === "disk";
  live.print(
    `monitor will print the received events for:\n${shown.map((source) => `${sources[source]}\n`).join("")}\n`,
  );
  const unsubscribe = live.kernelEvents.subscribe((event) => {
    if (!isAsked) return;
    // udev's event comes after the kernel's.
    for (const source of shown.toReversed()) live.print(eventText(source, event, withProperties));
  });
  await ended([signal, live.ended]);
  unsubscribe();
  // It heeds SIGTERM and SIGINT by ending well.
  return printed("");
}

function eventText(source: keyof typeof sources, event: KernelEvent, withProperties: boolean): string {
  const { action, devpath, properties } = event;
  const microseconds = Math.floor(performance.now() * 1000);
  const at = `${BOOTED_S + Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, "0")}`;
  const head = `${source.toUpperCase().padEnd(6)}[${at}] ${action.padEnd(8)} ${devpath} (block)\n`;
  return withProperties ? `${head}${properties.map(([name, value]) => `${name}=${value}\n`).join("")}\n` : head;
}

function ended(signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const each of signals) each.removeEventListener("abort", done);
      resolve();
    };
    for (const each of signals) each.addEventListener("abort", done);
    if (signals.some(({ aborted }) => aborted)) done();
  });
}
