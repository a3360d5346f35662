import { spawn } from "node:child_process";
import { performInLab } from "./control.ts";
import { takeDown } from "./down.ts";
import { acts, guestNamed } from "./faults.ts";
import { run } from "./places.ts";
import { record } from "./record.ts";
import { type LabState, readState } from "./state.ts";
import { bringUp } from "./up.ts";

const own: Readonly<Record<string, string>> = {
  up: "",
  status: "",
  ssh: "HOST [COMMAND …]",
  record: "[CASE]",
  reset: "",
  down: "",
};

const usage = (): string =>
  [
    "npm run lab WHAT. HOST is sharedblock-host1, host1 or 1:",
    ...Object.entries(own).map(([verb, words]) => `  ${verb} ${words}`.trimEnd()),
    ...Object.entries(acts).map(([verb, act]) => `  ${verb} ${act.usage}`),
  ].join("\n");

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main([verb = "", ...words]: readonly string[]): Promise<void> {
  if (verb === "") return print(usage());
  if (verb === "up") return up();
  if (verb === "down") return print(await takeDown());
  if (verb === "ssh") return ssh(await running(), words);
  if (verb === "record") return record(await running(), words[0] ?? "fresh", print);
  if (!(verb in own) && !(verb in acts)) throw new Error(usage());
  print(await performInLab(verb, ...words));
}

async function up(): Promise<void> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(0).padStart(3)} s`;
  const state = await bringUp((line) => print(`${seconds()}  ${line}`));
  print(`${seconds()}  the lab is up (pid ${state.pid}). To run the bot against it:`);
  print(
    `HOSTS=ssh WORKSPACE=local ADMINS=U0ALICE01 OPERATORS=U0BOB0001 DATA_DIR=${state.dataDirectory} SSH_PRIVATE_KEY_FILE=${state.privateKeyFile} npm start`,
  );
}

async function running(): Promise<LabState> {
  const state = await readState();
  if (state === null) throw new Error("no lab runs here. Next: npm run lab up");
  return state;
}

/** Connects through the relay, as the bot does. */
async function ssh(state: LabState, [host, ...command]: readonly string[]): Promise<void> {
  const guest = guestNamed(state.guests, host);
  const options = ["-i", state.privateKeyFile, "-o", `UserKnownHostsFile=${run.knownHosts}`, "-o", "LogLevel=ERROR"];
  const target = ["-p", String(guest.port), `${guest.user}@127.0.0.1`];
  const child = spawn("ssh", [...options, ...target, ...command], { stdio: "inherit" });
  process.exitCode = await new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code ?? 255));
  });
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
