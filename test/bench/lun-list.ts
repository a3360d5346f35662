import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NodeSSH } from "node-ssh";
import { commands } from "../../src/bot.ts";
import { createFlow } from "../../src/flow/flow.ts";
import { type Conversation, type Message, messageNow } from "../../src/flow/ports.ts";
import { shellScript } from "../../src/ssh/shell-script.ts";
import { lunReads } from "../../src/storage/observe/host-view.ts";
import { type OpenWorld, openWorld } from "../../src/world.ts";
import { type Figure, median, ms, timed } from "./figures.ts";
import { type Hosts, withHosts } from "./hosts-process.ts";
import { configFor, nowhere, quiet, register } from "./setting.ts";

const HOSTS = 100;
const LUNS = 10;
const COLD_ROUNDS = 5;
const WARM_ROUNDS = 30;

interface Side {
  /** Asks all hosts, connecting where there is no connection. */
  list(): Promise<void>;
  end(): Promise<void>;
}

/** `lun list` over many hosts, compared with a loop over node-ssh that sends the same lines and parses nothing. */
export async function lunListFigures(directory: string): Promise<Figure[]> {
  const { cold, warm } = await withHosts(
    { kind: "blank LUNs", hosts: HOSTS, luns: LUNS, slow: 0, slowMs: 0 },
    async (hosts) => {
      const bot = () => botSide(hosts, directory);
      const bare = () => bareSide(hosts);
      // The first run of each compiles the code and is not counted.
      for (const open of [bare, bot]) await once(open);
      return { cold: await coldRounds(bot, bare), warm: await warmRounds(bot, bare) };
    },
  );
  return [...figuresOf("first, with connecting", cold), ...figuresOf("on kept connections", warm)];
}

interface Times {
  readonly bot: number[];
  readonly bare: number[];
}
type Open = () => Promise<Side>;

async function once(open: Open): Promise<number> {
  const side = await open();
  const taken = await timed(() => side.list());
  await side.end();
  return taken;
}

async function coldRounds(bot: Open, bare: Open): Promise<Times> {
  const times: Times = { bot: [], bare: [] };
  for (let round = 0; round < COLD_ROUNDS; round++) {
    times.bare.push(await once(bare));
    times.bot.push(await once(bot));
  }
  return times;
}

async function warmRounds(openBot: Open, openBare: Open): Promise<Times> {
  const [bot, bare] = [await openBot(), await openBare()];
  const times: Times = { bot: [], bare: [] };
  for (let round = -10; round < WARM_ROUNDS; round++) {
    const [ofBare, ofBot] = [await timed(() => bare.list()), await timed(() => bot.list())];
    if (round < 0) continue;
    times.bare.push(ofBare);
    times.bot.push(ofBot);
  }
  await Promise.all([bot.end(), bare.end()]);
  return times;
}

function figuresOf(how: string, { bot, bare }: Times): Figure[] {
  const what = `lun list, ${HOSTS} hosts, ${how}`;
  const ratio = median(bot) / median(bare);
  return [
    { what: `${what}: bare node-ssh loop`, measured: ms(median(bare)), aim: "" },
    { what: `${what}: the bot`, measured: `${ms(median(bot))} (${ratio.toFixed(2)} ×)`, aim: "≤ 1.5 ×" },
  ];
}

/** The whole way of the command: words, audit log, hosts, parsing, reply. */
async function botSide({ hosts, privateKey }: Hosts, directory: string): Promise<Side> {
  const keyFile = join(directory, "key");
  await writeFile(keyFile, privateKey, { mode: 0o600 });
  const world: OpenWorld = await openWorld(configFor(join(directory, "lun-list"), keyFile), nowhere, quiet);
  if (world.inventory.current().zones.length === 0) await register(world.inventory, { "cluster-1": hosts });
  const flow = createFlow(commands, world);
  return {
    async list() {
      const answered: Message[] = [];
      await flow.ask("lun list cluster-1", "bench", conversationInto(answered));
      assert.equal(answered.at(-1)?.reply.title, `${LUNS} LUNs on ${HOSTS} hosts of cluster-1`);
      assert.equal(answered.at(-1)?.reply.tone, "plain");
    },
    end: () => world.close(),
  };
}

const conversationInto = (answered: Message[]): Conversation => ({
  place: "bench",
  mayNotChangeHere: null,
  linkTo: () => null,
  say: async (message) => String(answered.push(messageNow(message))),
  find: async () => null,
  revise: async (_, message) => void answered.push(message),
  sendEphemeral: async (message) => void answered.push(message),
});

async function bareSide({ hosts, privateKey }: Hosts): Promise<Side> {
  const line = shellScript(Object.values(lunReads), "root", "--mark--");
  const sessions = hosts.map(({ address, port, user }) => ({ ssh: new NodeSSH(), address, port, user }));
  return {
    async list() {
      const outputs = await Promise.all(
        sessions.map(async ({ ssh, address, port, user }) => {
          if (!ssh.isConnected()) await ssh.connect({ host: address, port, username: user, privateKey });
          return ssh.execCommand(line, { noTrim: true });
        }),
      );
      assert.ok(outputs.every(({ code, stdout }) => code === 0 && stdout.includes("mpath9")));
    },
    end: async () => {
      for (const { ssh } of sessions) ssh.connection?.destroy();
    },
  };
}
