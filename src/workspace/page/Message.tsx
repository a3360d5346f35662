import { memo } from "react";
import type { PageMessage, Person } from "../page-protocol.ts";
import { Attachment } from "./Attachment.tsx";
import { Avatar } from "./Avatar.tsx";
import { Blocks } from "./Blocks.tsx";
import { Mrkdwn } from "./Mrkdwn.tsx";
import { usePersonName } from "./names.ts";
import type { UserActions } from "./use-workspace.ts";

interface Props {
  readonly message: PageMessage;
  readonly bot: Person;
  readonly userActions: UserActions;
  /** How many replies the reader can see; the thread itself shows no count. */
  readonly replies?: number;
  readonly inOpenedThread?: boolean;
  readonly openThread?: (ts: string) => void;
}

/** One message: who, when, and what it says. */
export const Message = memo(function Message(props: Props) {
  const { message, bot, userActions, replies = 0, inOpenedThread = false, openThread } = props;
  const author = usePersonName(message.author) ?? message.author;
  const kind = message.onlyFor === null ? "message" : "message ephemeral";
  return (
    <article
      data-ts={message.ts}
      className={inOpenedThread ? `${kind} opened` : kind}
      aria-label={`${author}, ${timeOf(message.ts)}`}
    >
      <Avatar name={author} />
      <div className="message-body">
        <header>
          <span className="author">{author}</span>
          {message.author === bot.id ? <span className="app">App</span> : null}
          <time dateTime={dateOf(message.ts).toISOString()} title={dateOf(message.ts).toLocaleString()}>
            {timeOf(message.ts)}
          </time>
          {/* As Slack has it: a message with blocks does not say so. */}
          {message.edited && message.blocks.length === 0 ? <span className="edited">(edited)</span> : null}
        </header>
        {message.onlyFor === null ? null : <p className="only-you">Only visible to you</p>}
        <div className="content">
          {message.blocks.length === 0 ? (
            <Mrkdwn text={message.text} />
          ) : (
            <Blocks
              blocks={message.blocks}
              fallback={message.text}
              click={(blockId, actionId) => userActions.click(message.ts, blockId, actionId)}
            />
          )}
          {message.files.map((file) => (
            <Attachment key={file.id} file={file} />
          ))}
        </div>
        {openThread === undefined || (message.onlyFor !== null && replies === 0) ? null : (
          <button
            type="button"
            className={replies === 0 ? "reply quiet" : "reply"}
            aria-expanded={inOpenedThread}
            onClick={() => openThread(message.threadTs ?? message.ts)}
          >
            {replies === 0 ? "Reply in thread" : countOf(replies)}
          </button>
        )}
      </div>
    </article>
  );
});

/** A ts counts seconds: `1761045067.000100`. */
const dateOf = (ts: string): Date => new Date(Number(ts) * 1000);

function timeOf(ts: string): string {
  const date = dateOf(ts);
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}

export const countOf = (replies: number): string => (replies === 1 ? "1 reply" : `${replies} replies`);
