import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readClock } from "../../src/host/clock.ts";
import { givenServer, hosts, server } from "./given-server.ts";

givenServer();

/** A program on the host, what it printed, and its troubles. */
function streamOf(script: string) {
  const lines: string[] = [];
  const troubles: (string | null)[] = [];
  const stream = hosts.stream(server.host, ["sh", "-c", script], {
    onLine: (line) => void lines.push(line),
    onTrouble: (trouble) => void troubles.push(trouble),
  });
  onTestFinished(() => stream.stop());
  return { lines, troubles, stream };
}
const waiting = { timeout: 60_000 };

describe("a kept program on a host", () => {
  it("has its lines read as they are printed", async () => {
    const { lines, troubles } = streamOf("echo one; printf 'tw'; sleep 0.1; echo o; exec sleep 60");
    await vi.waitFor(() => expect(lines).toEqual(["one", "two"]), waiting);
    expect(troubles).toEqual([null]);
  });
  it("is started again if it ends, with the reason", async () => {
    const { lines, troubles } = streamOf("echo begins; echo 'no netlink' >&2; exit 1");
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(1), waiting);
    expect(troubles.slice(0, 3)).toEqual([null, "no netlink", null]);
  });
  it("is started again on a new connection if that is lost", async () => {
    const { lines, troubles } = streamOf("echo begins; exec sleep 60");
    await vi.waitFor(() => expect(lines).toHaveLength(1), waiting);
    server.cutConnections();
    await vi.waitFor(() => expect(lines).toHaveLength(2), waiting);
    expect(troubles).toEqual([null, "it ended", null]);
  });
  it("leaves room for a change that is running on the same connection", async () => {
    const { lines } = streamOf("echo begins; exec sleep 60");
    await vi.waitFor(() => expect(lines).toHaveLength(1), waiting);
    const { clock } = await hosts.gather(server.host, { clock: readClock });
    expect(clock.kind).toBe("done");
  });
  it("is not started again once it is stopped", async () => {
    const { lines, stream } = streamOf("echo begins; exec sleep 60");
    await vi.waitFor(() => expect(lines).toHaveLength(1), waiting);
    stream.stop();
    server.cutConnections();
    const { clock } = await hosts.gather(server.host, { clock: readClock });
    expect(clock.kind).toBe("done");
    expect(lines).toHaveLength(1);
  });
  it("names a host that can't be reached", async () => {
    await server.stop();
    const { troubles } = streamOf("echo begins");
    await vi.waitFor(() => expect(troubles[0]).toMatch(/^connecting .*no SSH server listens there/), waiting);
  });
});
