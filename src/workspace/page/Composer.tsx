import { useId } from "react";
import type { PageState, Person } from "../page-protocol.ts";
import { Suggestions } from "./Suggestions.tsx";
import { Usage } from "./Usage.tsx";
import { useLine } from "./use-line.ts";
import type { UserActions } from "./use-workspace.ts";

export const SLASH_COMMAND = "/zstack";

interface Props {
  readonly label: string;
  readonly page: PageState;
  readonly me: Person;
  readonly threadTs: string | null;
  readonly userActions: UserActions;
  onSent(): void;
}

/** The line to type on, with what can follow above it. */
export function Composer({ label, page, me, threadTs, userActions, onSent }: Props) {
  const menuId = useId();
  // Slack takes no slash commands in a thread; there the bot is mentioned.
  const mention = `@${page.bot.name}`;
  const starters = threadTs === null ? [SLASH_COMMAND, mention] : [mention];
  const starter = threadTs === null ? SLASH_COMMAND : mention;
  const line = useLine({
    personId: me.id,
    starters,
    completions: page.completions,
    send: (words) => {
      onSent();
      return userActions.say(words, threadTs);
    },
  });
  const { command, suggestions } = line.completing;
  return (
    <div className="composer">
      {line.menuOpen ? (
        <Suggestions id={menuId} suggestions={suggestions} chosen={line.chosen} take={line.take} />
      ) : null}
      {command === null ? null : <Usage command={command} starter={starter} />}
      <div className="line">
        <textarea
          ref={line.field}
          rows={1}
          aria-label={label}
          aria-autocomplete="list"
          aria-controls={line.menuOpen ? menuId : undefined}
          aria-activedescendant={line.menuOpen && line.chosen !== null ? `${menuId}-${line.chosen}` : undefined}
          placeholder={`${starter} help`}
          autoComplete="off"
          spellCheck={false}
          value={line.text}
          onChange={line.onChange}
          onSelect={line.onSelect}
          onKeyDown={line.onKeyDown}
        />
        <button type="button" className="button primary send" disabled={line.text.trim() === ""} onClick={line.send}>
          Send
        </button>
      </div>
    </div>
  );
}
