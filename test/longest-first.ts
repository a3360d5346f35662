import { existsSync } from "node:fs";
import { join } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = join(import.meta.dirname, "..");
/** These wait or compute for longest. A fresh clone does not know how long a file takes, and would end with one of them. */
const longest = [
  "test/slack/golden.test.ts",
  "test/scenario/watch-kinds.test.ts",
  "test/slack/kinds.test.ts",
  "test/scenario/home.test.ts",
  "test/slack/start.test.ts",
  "test/scenario/events-while-slack-fails.test.ts",
  "test/crash/life.test.ts",
  "test/crash/luns.test.ts",
  "test/scenario/guards.test.ts",
  "test/scenario/in-use.test.ts",
  "test/scenario/slack-ends.test.ts",
  "test/scenario/slack-errors.test.ts",
  "test/crash/service.test.ts",
  "test/crash/growth.test.ts",
  "test/crash/prepare.test.ts",
  "test/crash/inventory.test.ts",
  "test/flow/watch-causes.test.ts",
  "test/scenario/break-glass-away.test.ts",
  "test/flow/read-in-channel/acts.test.ts",
  "test/flow/read-in-channel/paths.test.ts",
  "test/flow/read-in-channel/grown.test.ts",
  "test/terminal/say.test.ts",
  "test/flow/watch-late.test.ts",
  "test/slack/connection.test.ts",
  "test/scenario/faults.test.ts",
  "test/scenario/reconnect.test.ts",
  "test/scenario/troubled-life.test.ts",
  "test/ssh/lost-hosts.test.ts",
  "test/ssh/sessions.test.ts",
  "test/simulator/faults.test.ts",
  "test/workspace/server/socket-mode.test.ts",
  "test/workspace/server/mention.test.ts",
  "test/plan/plan.test.ts",
].map((file) => join(root, file));

/** The longest files begin first, so that no worker is alone at the end. The others follow in vitest's order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const missing = longest.find((file) => !existsSync(file));
    if (missing !== undefined) throw new Error(`test/longest-first.ts names ${missing}, which does not exist`);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = longest.indexOf(moduleId);
      return index === -1 ? longest.length : index;
    };
    return (await super.sort(files)).toSorted((left, right) => place(left) - place(right));
  }
}
