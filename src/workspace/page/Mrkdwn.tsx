import { memo } from "react";
import type { TextObject } from "./blocks.ts";
import { type Mark, type MrkdwnSegment, parseMrkdwn } from "./mrkdwn.ts";
import { usePersonName } from "./names.ts";

/** Text as Slack formats it. */
export const Mrkdwn = memo(function Mrkdwn({ text }: { text: string }) {
  return parseMrkdwn(text).map((passage, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
    <PassageView key={index} passage={passage} />
  ));
});

/** A text object: mrkdwn is formatted, plain text stays as it is. */
export function TextView({ text }: { text: TextObject }) {
  return text.type === "mrkdwn" ? <Mrkdwn text={text.text} /> : text.text;
}

function PassageView({ passage }: { passage: MrkdwnSegment }) {
  switch (passage.kind) {
    case "code block":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: wide output is scrolled with the keyboard
        <pre tabIndex={0}>{passage.text}</pre>
      );
    case "quote":
      return (
        <blockquote>
          <Marks marks={passage.marks} />
        </blockquote>
      );
    case "lines":
      return (
        <div className="lines">
          <Marks marks={passage.marks} />
        </div>
      );
  }
}

function Marks({ marks }: { marks: readonly Mark[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
  return marks.map((mark, index) => <MarkView key={index} mark={mark} />);
}

function MarkView({ mark }: { mark: Mark }) {
  switch (mark.kind) {
    case "text":
      return mark.text;
    case "code":
      return <code>{mark.text}</code>;
    case "bold":
      return (
        <strong>
          <Marks marks={mark.marks} />
        </strong>
      );
    case "italic":
      return (
        <em>
          <Marks marks={mark.marks} />
        </em>
      );
    case "strike":
      return (
        <s>
          <Marks marks={mark.marks} />
        </s>
      );
    case "person":
      return <PersonMention id={mark.id} label={mark.label} />;
    case "mention":
      return <span className="mention">{mark.text}</span>;
    case "link":
      return (
        <a href={mark.url} target="_blank" rel="noreferrer">
          {mark.text}
        </a>
      );
  }
}

function PersonMention({ id, label }: { id: string; label: string | null }) {
  const name = usePersonName(id);
  return <span className="mention">@{name ?? label ?? id}</span>;
}
