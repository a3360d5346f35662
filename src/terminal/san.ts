import { readConfig } from "../config.ts";
import { errorLines, errorText, operatorError, Refusal, reason } from "../core/refusal.ts";
import { loadEnvFile } from "../env-file.ts";
import { lineToType } from "../line-to-type.ts";
import { connectToBot } from "./socket.ts";

/** The running bot has the simulated SAN. Without it there is nothing that would notice. */
const noBot = (directory: string) =>
  operatorError(
    "The SAN is not changed",
    reason("BOT_STOPPED", `no bot runs on the folder ${directory}`, `run ${lineToType("start")}, then type it again`),
  );

interface Answer {
  readonly isGood: boolean;
  readonly text: string;
}

function answerOf(directory: string, words: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const lost = (why: string) => resolve({ isGood: false, text: `The connection to the bot ended: ${why}` });
    const connecting = connectToBot(
      directory,
      (answer) => {
        if (answer.kind === "text") text += `${answer.text.trimEnd()}\n`;
        else if (answer.kind === "end") resolve({ isGood: answer.good, text: text.trimEnd() });
      },
      lost,
    );
    connecting.then((connection) => {
      if (connection !== null) connection.say({ kind: "san", words });
      else resolve({ isGood: false, text: errorLines(noBot(directory)).join("\n") });
    }, reject);
  });
}

/** `npm run san -- path-fail HOST WWID PATH`; without words it prints which there are. */
export async function sanProgram(args: readonly string[]): Promise<void> {
  try {
    loadEnvFile();
    const { isGood, text } = await answerOf(readConfig(process.env).dataDirectory, args.join(" "));
    (isGood ? process.stdout : process.stderr).write(`${text}\n`);
    process.exit(isGood ? 0 : 1);
  } catch (error) {
    const why = error instanceof Refusal ? errorText(error) : `san: ${errorText(error)}`;
    process.stderr.write(`${why}\n`);
    process.exit(1);
  }
}
