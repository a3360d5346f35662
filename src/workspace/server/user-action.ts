import type { Person } from "../page-protocol.ts";
import type { ChannelInfo } from "./directory.ts";
import type { Workspace } from "./workspace.ts";

/** An action that the page could not have offered; names the wrong field. */
export class ImpossibleAction extends Error {
  override name = "ImpossibleAction";
  readonly field: string;
  constructor(field: string, why: string) {
    super(`${field}: ${why}`);
    this.field = field;
  }
}

export function personOf(workspace: Workspace, id: string): Person {
  const person = workspace.directory.people.find((each) => each.id === id);
  if (person === undefined) throw new ImpossibleAction("person", `nobody here has the id ${JSON.stringify(id)}`);
  return person;
}

/** The properties in every payload of a person's action. */
export function actionPayload(workspace: Workspace, person: Person) {
  const { team, appId, verificationToken } = workspace.directory;
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
    api_app_id: appId,
    token: verificationToken,
    trigger_id: workspace.triggers.issue(person.id),
    enterprise: null,
    is_enterprise_install: false,
  };
}

export const channelObject = ({ id, name }: ChannelInfo) => ({ id, name });

/** Slack's own message to a person; no one else sees it. */
export function trouble(workspace: Workspace, person: string, text: string): void {
  workspace.pageEvents.emit({ kind: "trouble", person, text });
}
