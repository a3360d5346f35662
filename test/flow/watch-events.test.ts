import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { atOnce, beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 2, luns: 2, ports: 2 };
const isFirstPath = ({ host, lun, port }: { host: number; lun: number; port: number }) =>
  host === 0 && lun === 0 && port === 0;

/** Volumes of the host change five times a second. Returns how many times it was observed. */
async function isBusy(san: WatchedSan, seconds: number): Promise<number> {
  const before = san.observed.get(0) ?? 0;
  for (let part = 0; part < 5 * seconds; part += 1) {
    san.changesVolume(0);
    await san.passes(0.2);
  }
  return (san.observed.get(0) ?? 0) - before;
}

describe("events of volumes that change no path", () => {
  it("cause an observation every 5 s at most", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    await isBusy(san, 20);
    expect(await isBusy(san, 60)).toBeLessThanOrEqual(12);
  });

  it("delay no path that fails", async () => {
    const san = await new WatchedSan(SIZES, atOnce).starts();
    await san.passes(40);
    await isBusy(san, 30);
    san.changesVolume(0);
    san.sets(false, isFirstPath);
    await san.passes(0.4);
    expect(san.watch.watches()[0]?.observed).toMatchObject({
      paths: expect.arrayContaining([expect.objectContaining({ works: false })]),
    });
  });

  it("cause observations at once again after a change", async () => {
    const san = await new WatchedSan(SIZES, atOnce).starts();
    await san.passes(40);
    await isBusy(san, 30);
    san.sets(false, isFirstPath);
    await san.passes(1);
    const before = san.observed.get(0) ?? 0;
    san.changesVolume(0);
    await san.passes(0.4);
    expect(san.observed.get(0)).toBe(before + 1);
  });
});
