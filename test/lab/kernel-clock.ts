import { performInLab } from "./control.ts";

/** How often its clock is compared with ours. The quickest answer counts: it has the smallest error. */
const COMPARISONS = 5;

/** When a host's kernel wrote a line to its log, by the clock of this computer. */
export class KernelClock {
  readonly #host: string;
  /** Seconds since the epoch, by this computer, at the kernel's second 0: not later than that. */
  readonly #beganAt: number;

  private constructor(host: string, beganAt: number) {
    this.#host = host;
    this.#beganAt = beganAt;
  }

  static async of(host: string): Promise<KernelClock> {
    let best = { took: Number.POSITIVE_INFINITY, beganAt: 0 };
    for (let each = 0; each < COMPARISONS; each++) {
      const mark = `lab-clock-${Date.now()}`;
      const sent = Date.now() / 1000;
      await performInLab("shell", host, `echo ${mark} > /dev/kmsg`);
      const took = Date.now() / 1000 - sent;
      // It was written after it was sent: so a time by this clock is rather too early, and a delay too long.
      if (took < best.took) best = { took, beganAt: sent - (await lastSeconds(host, mark)) };
    }
    return new KernelClock(host, best.beganAt);
  }

  /** Of the last line of the log that contains the text, in seconds since the epoch. */
  async secondsOf(text: string): Promise<number> {
    return this.#beganAt + (await lastSeconds(this.#host, text));
  }
}

/** `[  123.456789] device-mapper: multipath: 254:3: Failing path 8:48.` */
async function lastSeconds(host: string, text: string): Promise<number> {
  const line = await performInLab("shell", host, `dmesg | grep -F '${text}' | tail -n 1`);
  const [, seconds] = /^\[ *(\d+\.\d+)\]/.exec(line) ?? [];
  if (seconds === undefined) throw new Error(`the kernel's log of ${host} has no line with ${text}: ${line}`);
  return Number(seconds);
}
