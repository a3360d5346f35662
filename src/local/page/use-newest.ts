import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 48;

export interface Newest {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** Something came that the reader, who scrolled up, has not seen. */
  readonly unseen: boolean;
  goToNewest(): void;
}

/** Keeps the newest in sight as the content grows, unless the reader scrolled up. */
export function useNewest(newestKey: string | null): Newest {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [unseen, setUnseen] = useState(false);

  const goToNewest = () => {
    atEnd.current = true;
    setUnseen(false);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  };

  useEffect(() => {
    const box = scroller.current;
    const inside = content.current;
    if (box === null || inside === null) return;
    const onScroll = () => {
      atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
      if (atEnd.current) setUnseen(false);
    };
    // A message that is revised in place grows without a new one coming; a narrower window makes everything taller.
    const grown = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    grown.observe(inside);
    grown.observe(box);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      grown.disconnect();
      box.removeEventListener("scroll", onScroll);
    };
  }, []);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (newestKey === null || box === null) return;
    if (atEnd.current) box.scrollTop = box.scrollHeight;
    else setUnseen(true);
  }, [newestKey]);

  return { scroller, content, unseen, goToNewest };
}
