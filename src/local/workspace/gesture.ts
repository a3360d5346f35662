import type { Person } from "../page-protocol.ts";
import type { ChannelInfo } from "./directory.ts";
import type { Office } from "./office.ts";

/** A gesture that the page could not have offered; names the field that is wrong. */
export class ImpossibleGesture extends Error {
  override name = "ImpossibleGesture";
  readonly field: string;
  constructor(field: string, why: string) {
    super(`${field}: ${why}`);
    this.field = field;
  }
}

export function personOf(office: Office, id: string): Person {
  const person = office.directory.people.find((each) => each.id === id);
  if (person === undefined) throw new ImpossibleGesture("person", `nobody here has the id ${JSON.stringify(id)}`);
  return person;
}

/** The properties that every payload of something a person did has. */
export function gesturePayload(office: Office, person: Person) {
  const { team, appId, verificationToken } = office.directory;
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
    api_app_id: appId,
    token: verificationToken,
    trigger_id: office.triggers.issue(person.id),
    enterprise: null,
    is_enterprise_install: false,
  };
}

export const channelObject = ({ id, name }: ChannelInfo) => ({ id, name });

/** What Slack itself says to a person, seen by nobody else. */
export function trouble(office: Office, person: string, text: string): void {
  office.news.tell({ kind: "trouble", person, text });
}
