import type { Fault } from "../../src/local/san/fault.ts";

/** What a story can do to its hosts from outside, whatever they are. */
export interface HostsUnderTest {
  readonly names: readonly string[];
  /** Something goes wrong, from now on. */
  fault(host: string, fault: Fault): Promise<void>;
  /** Nothing is wrong with the host any more. */
  heal(host: string): Promise<void>;
  /** Somebody else puts an ext4 file system on a LUN. */
  formats(wwid: string, label: string): Promise<void>;
  /** The programs that changed the SAN or a host, oldest first: `sharedblock-host1: wipefs --all …`. */
  changes(): Promise<string[]>;
}
