import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import { Counters } from "../../src/monitoring/metrics.ts";
import { monitoringOf } from "../../src/monitoring-of-bot.ts";
import type { OpenWorld } from "../../src/world.ts";

it.each([
  ["METRICS_PORT that another program has", "127.0.0.1", "EADDRINUSE"],
  ["METRICS_HOST that is no address of this computer", "192.0.2.1", "EADDRNOTAVAIL"],
])("a %s stops the start with the variable and what to write", async (_, host, why) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const dataDirectory = await mkdtemp(join(tmpdir(), "zstack-port-"));
  await writeFile(join(dataDirectory, "audit.jsonl"), "");
  const config = { ...readConfig({ METRICS_PORT: port, METRICS_HOST: host }), dataDirectory };
  const world = { inventory: { current: () => emptyInventory }, operations: { latest: () => [] } };
  const opened = monitoringOf(
    config,
    { ...world, buttonKey: "key", log: { info: () => undefined, error: () => undefined } } as unknown as OpenWorld,
    { connectionStates: () => [] },
    null,
    new Counters("0.2.0"),
    () => [],
  );
  await expect(opened).rejects.toMatchObject({
    error: {
      code: "CONFIG_INVALID",
      reasons: [expect.stringMatching(new RegExp(`^METRICS_PORT ${port} can't be used at ${host}: .*${why}`))],
      fixes: ["set METRICS_PORT to another port, or METRICS_HOST to an address of this computer"],
    },
  });
  await new Promise((resolve) => server.close(resolve));
  await rm(dataDirectory, { recursive: true });
});
