import { describe, expect, it } from "vitest";
import { button, long, many, mrkdwn, plain, plan, rejected, task, verdict, x } from "./blocks.ts";

describe("cards, plans and tasks at Slack's limits", () => {
  it.each<[string, unknown[]]>([
    ["a plan of fifty tasks", [plan(many(50, (index) => task({ task_id: `t${index}`, status: "pending" })))]],
    ["a task of its own", [task({ status: "in_progress" })]],
    [
      "a card",
      [{ type: "card", title: mrkdwn(x(150)), body: mrkdwn(x(200)), actions: many(3, (index) => button(`b${index}`)) }],
    ],
  ])("%s is fine", (_, blocks) => expect(verdict(...blocks)).toBe("fine"));
});

describe("cards, plans and tasks beyond Slack's limits", () => {
  it.each<[string, unknown[], string]>([
    [
      "51 tasks",
      [plan(many(51, (index) => task({ task_id: `t${index}` })))],
      rejected("no more than 50 items allowed", "/0/tasks"),
    ],
    [
      "a title of a plan that is no string",
      [plan([], { title: plain("x") })],
      rejected("must provide a string", "/0/title"),
    ],
    [
      "another status",
      [plan([task({ status: "done" })])],
      rejected('Invalid option: expected one of "pending"|"in_progress"|"complete"|"error"', "/0/tasks/0/status"),
    ],
    [
      "a pending task of its own",
      [task({ status: "pending" })],
      rejected('Invalid option: expected one of "in_progress"|"complete"|"error"', "/0/status"),
    ],
    ["a long card", [{ type: "card", body: mrkdwn(x(201)) }], long(200, "/0/body/text")],
    [
      "four actions of a card",
      [{ type: "card", actions: many(4, (index) => button(`b${index}`)) }],
      rejected("no more than 3 items allowed", "/0/actions"),
    ],
    ["an alert", [{ type: "alert", text: plain("x") }], rejected('unsupported type: "alert"', "/0/type")],
    ["a long title of a card", [{ type: "card", title: mrkdwn(x(151)) }], long(150, "/0/title/text")],
    ["one task twice", [plan([task({}), task({})])], rejected("task_id must be unique within the plan", "/0")],
  ])("%s rejects them all", (_, blocks, message) => expect(verdict(...blocks)).toBe(message));
});
