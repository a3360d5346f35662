import { expect, it } from "vitest";
import {
  commandSchema,
  interactionSchema,
  mentionSchema,
  originOfCommand,
  originOfInteraction,
  originOfMention,
} from "../../src/slack/origin.ts";

const own = { teamId: "T1", enterpriseId: null, url: "" };
const ofOrganisation = { ...own, enterpriseId: "E1" };
const mention = { channel: "C1", ts: "1.000001", text: "<@UBOT> help", user: "U1" };

it.each([
  [{ team: "T1" }, "person"],
  [{ team: "T1", user_team: "T1", source_team: "T1" }, "person"],
  [{}, "person"],
  [{ team: "T2" }, "outsider"],
  [{ team: "T1", user_team: "T2" }, "outsider"],
  [{ team: "T1", source_team: "T2" }, "outsider"],
  [{ team: "T1", user_team: "E1" }, "outsider"],
  [{ team: "T1", user_profile: { team: "T2" } }, "outsider"],
  [{ team: "T1", user_profile: { team: "T1" } }, "person"],
  [{ team: "T1", bot_id: "B1" }, "bot"],
  [{ team: "T2", bot_id: "B1" }, "bot"],
  [{ user: undefined }, "bot"],
  [{ user: null, bot_id: "B1" }, "bot"],
  [{ subtype: "bot_message" }, "bot"],
  [{ user: "USLACKBOT" }, "bot"],
  [{ team: "T1", app_id: "A2" }, "bot"],
  [{ team: "T1", bot_profile: { app_id: "A2" } }, "bot"],
])("a mention with %j is from a %s", (values, kind) => {
  expect(originOfMention(mentionSchema.parse({ event: { ...mention, ...values } }), own).kind).toBe(kind);
});

it("a mention in a shared channel is from an outsider if Slack does not name the workspace", () => {
  const shared = mentionSchema.parse({ is_ext_shared_channel: true, event: mention });
  expect(originOfMention(shared, own)).toEqual({ kind: "outsider", user: "U1", team: null });
});

it("a mention that names no workspace is from the workspace where the app was installed", () => {
  const from = (team_id: string) => originOfMention(mentionSchema.parse({ team_id, event: mention }), own).kind;
  expect(from("T1")).toBe("person");
  expect(from("T2")).toBe("outsider");
});

it("a person may have the organisation's id", () => {
  const event = { ...mention, team: "T1", user_team: "E1" };
  expect(originOfMention(mentionSchema.parse({ event }), ofOrganisation).kind).toBe("person");
});

it.each([
  [{ team_id: "T1" }, "person"],
  [{ team_id: "T2" }, "outsider"],
  [{}, "outsider"],
  [{ team_id: "T1", enterprise_id: "E1" }, "person"],
  [{ team_id: "T1", enterprise_id: "E2" }, "outsider"],
])("a slash command with %j is from a %s", (values, kind) => {
  const command = commandSchema.parse({ trigger_id: "1.1.a", user_id: "U1", channel_id: "C1", ...values });
  expect(originOfCommand(command, ofOrganisation).kind).toBe(kind);
});

it.each([
  [{ user: { id: "U1", team_id: "T1" }, team: { id: "T1" } }, "person"],
  [{ user: { id: "U1", team_id: "T2" }, team: { id: "T1" } }, "outsider"],
  [{ user: { id: "U1", team_id: "T2" }, team: { id: "T2" } }, "outsider"],
  [{ user: { id: "U1" }, team: { id: "T1" } }, "person"],
  [{ user: { id: "U1" }, team: null }, "outsider"],
])("a click or a form with %j is from a %s", (body, kind) => {
  expect(originOfInteraction(interactionSchema.parse(body), own).kind).toBe(kind);
});
