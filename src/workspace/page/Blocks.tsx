import { useMemo } from "react";
import { ActionButton, Actions, useClick } from "./Actions.tsx";
import { type BlockOf, drawnBlockSchema, wordsOf } from "./blocks.ts";
import { ChartBlock } from "./Chart.tsx";
import { DataTable } from "./DataTable.tsx";
import { Field } from "./Field.tsx";
import { LIBRARY_BLOCKS, LibraryBlock } from "./LibraryBlock.tsx";
import { Mrkdwn, TextView } from "./Mrkdwn.tsx";
import { Plan } from "./Plan.tsx";
import { Table } from "./Table.tsx";

type RawBlock = { readonly type: string; readonly [key: string]: unknown };

interface Props {
  readonly blocks: readonly RawBlock[];
  /** Shown in place of a block that has no words of its own. */
  readonly fallback: string;
  click(blockId: string, actionId: string): Promise<void>;
  /** What a modal was refused for, by block_id. */
  readonly errors?: Readonly<Record<string, string>>;
}

/** The blocks of a message or a modal, in their order. */
export function Blocks({ blocks, fallback, click, errors = {} }: Props) {
  const clicking = useClick(click);
  return blocks.map((block, index) => (
    <BlockView
      // A block keeps its place while its message is revised, so what was typed or focused there stays.
      key={String(block.block_id ?? index)}
      block={block}
      fallback={fallback}
      clicking={clicking}
      errors={errors}
    />
  ));
}

interface BlockProps {
  readonly block: RawBlock;
  readonly fallback: string;
  readonly clicking: ReturnType<typeof useClick>;
  readonly errors: Readonly<Record<string, string>>;
}

function BlockView({ block, fallback, clicking, errors }: BlockProps) {
  const drawn = useMemo(() => drawnBlockSchema.safeParse(block).data, [block]);
  switch (drawn?.type) {
    case "header":
      return (
        <h3>
          <TextView text={drawn.text} />
        </h3>
      );
    case "section":
      return <Section block={drawn} clicking={clicking} />;
    case "context":
      return (
        <div className="context">
          {drawn.elements.map((text, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an element of a context block is its place
            <span key={index}>
              <TextView text={text} />
            </span>
          ))}
        </div>
      );
    case "divider":
      return <hr />;
    case "actions":
      return <Actions block={drawn} clicking={clicking} />;
    case "table":
      return <Table block={drawn} />;
    case "data_table":
      return <DataTable block={drawn} />;
    case "data_visualization":
      return <ChartBlock block={drawn} />;
    case "plan":
      return <Plan block={drawn} />;
    case "container":
      return <Container block={drawn} fallback={fallback} clicking={clicking} errors={errors} />;
    case "input":
      return <Field block={drawn} error={errors[drawn.block_id] ?? null} />;
    case undefined:
      if (LIBRARY_BLOCKS.has(block.type)) return <LibraryBlock block={block} />;
      return <Mrkdwn text={wordsOf(block) ?? fallback} />;
  }
}

/** Folded, as in Slack, until its reader opens it. */
function Container({ block, ...props }: Omit<BlockProps, "block"> & { readonly block: BlockOf<"container"> }) {
  const children = block.child_blocks.map((child, index) => (
    <BlockView key={String(child.block_id ?? index)} block={child} {...props} />
  ));
  if (block.is_collapsible !== true) {
    return (
      <section className="container">
        <h4>
          <TextView text={block.title} />
        </h4>
        {children}
      </section>
    );
  }
  return (
    <details className="container" open={block.default_collapsed === false}>
      <summary>
        <TextView text={block.title} />
      </summary>
      {children}
    </details>
  );
}

function Section({ block, clicking }: { block: BlockOf<"section">; clicking: BlockProps["clicking"] }) {
  const { text, fields, accessory } = block;
  return (
    <div className="section">
      <div className="section-text">
        {text === undefined ? null : <TextView text={text} />}
        {fields === undefined ? null : (
          <div className="fields">
            {fields.map((field, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a field of a section is its place
              <div key={index}>
                <TextView text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory === undefined ? null : (
        <ActionButton button={accessory} blockId={block.block_id} clicking={clicking} />
      )}
    </div>
  );
}
