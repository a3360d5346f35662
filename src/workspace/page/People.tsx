import type { Person } from "../page-protocol.ts";
import { Avatar } from "./Avatar.tsx";

interface Props {
  readonly people: readonly Person[];
  readonly me: Person;
  become(person: Person): void;
}

/** Who sits in front of the page: one asks, another approves. */
export function People({ people, me, become }: Props) {
  return (
    <fieldset className="people">
      <legend>You are</legend>
      {people.map((person) => (
        <label key={person.id} className={person.id === me.id ? "chosen" : ""}>
          <input type="radio" name="person" checked={person.id === me.id} onChange={() => become(person)} />
          <Avatar name={person.name} small />
          {person.name}
        </label>
      ))}
    </fieldset>
  );
}
