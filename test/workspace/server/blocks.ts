import { checkedMessageBlocks } from "../../../src/workspace/server/checked-blocks.ts";
import { SlackError } from "../../../src/workspace/server/slack-error.ts";

/** The smallest blocks of each kind, and the workspace's verdict on them. */

export const x = (length: number) => "x".repeat(length);
export const plain = (text: string) => ({ type: "plain_text", text });
export const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
export const many = <T>(count: number, item: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => item(index));
export const button = (action_id: string, more: object = {}) => ({
  type: "button",
  action_id,
  text: plain("Go"),
  ...more,
});
export const actions = (...elements: object[]) => ({ type: "actions", elements });
export const cell = (text: string) => ({ type: "raw_text", text });
export const table = (rows: object[][], more: object = {}) => ({ type: "table", rows, ...more });
export const dataTable = (rows: object[][], more: object = {}) => ({ type: "data_table", caption: "x", rows, ...more });
export const divider = { type: "divider" };
export const container = (child_blocks: object[], more: object = {}) => ({
  type: "container",
  title: plain("x"),
  child_blocks,
  ...more,
});
export const task = (more: object) => ({ type: "task_card", task_id: "t", title: "x", status: "complete", ...more });
export const plan = (tasks: object[], more: object = {}) => ({ type: "plan", title: "x", tasks, ...more });
export const chart = (what: object, more: object = {}) => ({
  type: "data_visualization",
  title: "x",
  chart: what,
  ...more,
});
export const bars = (series: number, points: number, more: object = {}) => ({
  type: "bar",
  series: many(series, (index) => ({
    name: `s${index}`,
    data: many(points, (place) => ({ label: `c${place}`, value: place })),
  })),
  axis_config: { categories: many(points, (place) => `c${place}`) },
  ...more,
});
export const rich = (...elements: object[]) => ({ type: "rich_text", elements });
export const words = (text: string, more: object = {}) => ({ type: "text", text, ...more });
export const section = (...elements: object[]) => ({ type: "rich_text_section", elements });

/** "fine", or Slack's first message. */
export function verdict(...blocks: unknown[]): string {
  try {
    checkedMessageBlocks(blocks);
    return "fine";
  } catch (error) {
    if (error instanceof SlackError) return `${error.code} ${error.messages[0]}`;
    throw error;
  }
}
export const rejected = (message: string, pointer: string): string =>
  `invalid_blocks [ERROR] ${message} [json-pointer:/blocks${pointer}]`;
export const long = (limit: number, pointer: string): string =>
  rejected(`must be less than ${limit + 1} characters`, pointer);
