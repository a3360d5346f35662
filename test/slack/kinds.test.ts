import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sentences, titles, type Written } from "./kinds.ts";

const folder = join(import.meta.dirname, "golden");
const golden = readdirSync(folder).map((name) => textsIn(JSON.parse(readFileSync(join(folder, name), "utf8"))));
const isShown = ({ pattern }: Written): boolean => golden.some((texts) => texts.some((text) => pattern.test(text)));

/** Texts that no story shows, each with the reason. */
const unshown: readonly (readonly [beginsWith: string, why: string])[] = [
  ["No cluster is in the inventory yet", "test/flow/menu.test.ts"],
  ["Add a zone, then a cluster", "test/flow/menu.test.ts"],
  ["There are … clusters: a button asks", "test/scenario/next-steps.test.ts"],
  ["… more can be typed", "of more than 8 names"],
  ["DATA_DIR", "said at a start, in the terminal"],
  ["The folder", "in the log, at a start"],
  ["The bot can't start", "said at a start, in the terminal"],
  ["the folder … is in use", "said at a start, in the terminal"],
  ["stop that bot, or set DATA_DIR", "said at a start, in the terminal"],
  ["the click came after its time limit", "a click in the same moment as the expiry"],
  ["its file … could not be uploaded", "test/slack/channel.test.ts"],
  ["Nothing can be changed from a terminal", "said in a terminal: test/terminal/say.test.ts"],
  ["a message that only they see", "in the log"],
  ["more than … messages", "in the log"],
  ["whether a message is in", "in the log"],
  ["keeping who opened the Home", "in the log"],
  ["joining alerts to an incident", "in the log"],
  ["this is no answer of Slack's", "compared, and shown in other words: test/slack/failure.test.ts"],
  ["the words mean something else", "only after an update that changed a command"],
  ["The plan was too long to keep its text", "of plans of more than 256 KiB"],
  ["its plan could not be written", "in the list of operations, where the disk filled up between two lines"],
  ["a bug prevented it in its own place", "only after a bug"],
  ["wait: the bot tries again by itself", "only after a bug, or where Slack fails for long in one channel alone"],
  ["• and … more, in the details", "of steps that fail for more than 6 reasons"],
  ["This end may be here twice", "where a kill came while an end was posted and the channel can't be read"],
  ["the inventory was not changed", "where the disk filled up between two lines"],
  ["the inventory could not be written", "where the disk filled up between two lines"],
  ["it was not begun:", "only after a bug, or where the disk filled up between two lines"],
  ["whether it is needed could not be read", "of single steps: the scenarios of maintain"],
  ["the audit log can't be written", "only if the disk fills up between two lines"],
  ["a bug of the bot stopped it", "only after a bug"],
  ["A bug of the bot prevented the rest", "only after a bug"],
  [
    "send the command again in a minute",
    "Slack must fail for half a minute: test/scenario/events-while-slack-fails.test.ts",
  ],
  ["The bot was stopped while it answered", "only if files are closed under an answer"],
  ["we don't know whether a step ran; the same", "only if files are closed under an answer"],
  ["The plan can't be shown", "test/slack/channel.test.ts"],
  ["it is too long for one message", "test/slack/channel.test.ts"],
  [" To see everything, send", "test/slack/blocks.test.ts"],
  ["more posts wait in the channel", "test/slack/post-queue.test.ts"],
  ["…and … more in the message", "test/slack/form.test.ts"],
  ["…and … more. All of them: ", "of more than 10 LUNs: test/slack/guided-form.test.ts"],
  ["No host sees LUN … now.", "a LUN was unmapped while the form was filled in: test/flow/forms.test.ts"],
  ["This is no LUN.", "hosts must be slow for two seconds: test/flow/forms.test.ts"],
  [", none of them worse: cluster list", "of more than 8 clusters: test/flow/home.test.ts"],
  ["The audit log is signed with", "needs a Slack workspace: test/flow/audit-posts.test.ts"],
  ["… has not begun yet", "only while Slack is slow to take its message: test/flow/runner-queue.test.ts"],
  ["stop it again in a moment", "only while Slack is slow to take its message: test/flow/runner-queue.test.ts"],
  ["The bot did not find the key before", "test/flow/audit-posts.test.ts"],
  ["Keep this message: the fingerprint", "needs a Slack workspace: test/flow/audit-posts.test.ts"],
  ["Today's last entry, with its hash", "posted at 08:00: test/flow/audit-posts.test.ts"],
  ["The audit log has", "posted at 08:00: test/flow/audit-posts.test.ts"],
  ["signed with the key", "posted at 08:00: test/flow/audit-posts.test.ts"],
  [", none of them fuller: sharedblock list", "of more than 12 storages"],
  [". Nothing is found now.", "test/flow/home.test.ts"],
  ["More than a Home can show", "test/slack/home.test.ts"],
  ["Close this list and open it again", "hosts must be slow for two seconds: test/flow/forms.test.ts"],
  ["No role was given", "a bot without ADMINS and OPERATORS"],
  ["the role of the person who confirmed it", "a role must be revoked while the hosts are checked again"],
  ["the approval is of another plan", "test/core/confirmed-plan.test.ts"],
  ["a terminal does not show which", "said in a terminal: test/scenario/two-people.test.ts"],
  ["… can't be approved here", "said in a terminal: test/scenario/two-people.test.ts"],
  ["approve it in Slack", "said in a terminal: test/scenario/two-people.test.ts"],
  [" This message gets its end.", "only while it runs, in the moment when Slack is back"],
  ["the bot stopped before it counted", "the bot must be killed between two writes: test/flow/break-glass.test.ts"],
  ["This may be here twice: the bot", "if a kill came during a post, and the channel can't be read"],
  ["the bot stopped before the plan was", "only after a kill while hosts are asked"],
  ["its plan was refused", "of people without the role: test/flow/break-glass.test.ts"],
  ["… is not done with break-glass", "said in a terminal: test/scenario/break-glass-away.test.ts"],
  ["only a change needs it; this works", "said in a terminal: test/scenario/break-glass-away.test.ts"],
  ["type it without --break-glass", "said in a terminal: test/scenario/break-glass-away.test.ts"],
  ["in an emergency it is done without", "said in a terminal: test/scenario/break-glass-away.test.ts"],
  ["the plan had ended before, so", "a break-glass in the moment when the plan ends"],
  ["it waits for an approver, and", "its message has no button to confirm it: test/flow/two-people.test.ts"],
  ["The command is too long.", "test/flow/forms.test.ts"],
  ["What the done steps destroyed", "test/flow/stop-reply.test.ts"],
  ["a person stopped it after", "at another step in each run: test/flow/stop-reply.test.ts"],
  ["… operations wait for the same objects", "of more than 10 operations: test/flow/runner-queue.test.ts"],
  ["… changed the same objects for 10 min", "it takes 10 minutes: test/flow/runner-queue.test.ts"],
  ["… changes the same objects now", "of a plan that an earlier version showed"],
  ["it could not begin", "test/scenario/queue.test.ts"],
  ["the operations before it changed", "test/scenario/queue.test.ts"],
  ["nobody knows whether its approver", "Slack must not answer at the click: test/scenario/approver-group.test.ts"],
  ["… approved it, and nobody knows", "Slack must not answer at the click: test/scenario/approver-group.test.ts"],
  ["its policy asks for a confirmation since", "a policy must be set while an operation waits in the queue"],
];
const isExcused = ({ text }: Written): boolean => unshown.some(([begin]) => text.startsWith(begin));

/** The source says which kinds of message there are. So a new one without a golden file fails here. */
describe("golden files show", () => {
  it("every reply and every plan, by its title", () => {
    expect(titles().length).toBeGreaterThan(50);
    expect(titles().filter((each) => !isShown(each) && !isExcused(each))).toEqual([]);
  });

  it("every sentence that the bot says itself", () => {
    expect(sentences().length).toBeGreaterThan(100);
    const missing = sentences().filter((each) => !isShown(each) && !isExcused(each));
    expect(missing.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
  });

  it("every text but the listed ones, and the list has no text that is shown or no longer exists", () => {
    const all = [...titles(), ...sentences()];
    const needed = ([begin]: readonly [string, string]) =>
      all.some((each) => each.text.startsWith(begin) && !isShown(each));
    expect(unshown.filter((each) => !needed(each))).toEqual([]);
  });
});

it("the end of an operation shows nothing as running, and has no buttons", () => {
  const isEnd = (texts: readonly string[]) =>
    texts.some((text) => /^(?!.*\n).+: (done|failed|refused|stopped|unknown|cancelled|expired) \(op-\d+\)$/.test(text));
  const ends = golden.filter(isEnd);
  expect(ends.length).toBeGreaterThan(20);
  const isUnderWay = (text: string) => /⏳|steps, running|^decision$/.test(text);
  expect(ends.filter((texts) => texts.some(isUnderWay)).map(([text]) => text)).toEqual([]);
});

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
