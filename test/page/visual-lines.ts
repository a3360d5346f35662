import type { Locator } from "playwright-core";

/**
 * The lines of text that a person sees in an element, from top to bottom. A text that wraps is several lines. Texts
 * next to each other, such as two buttons, are one line. A collapsed text is none.
 */
export const visualLines = (element: Locator): Promise<string[]> =>
  element.evaluate((root) => {
    const lines: { top: number; bottom: number; text: string }[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (!node.parentElement?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      for (const { 0: character, index } of (node.textContent ?? "").matchAll(/./gsu)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + character.length);
        const rect = range.getClientRects()[0];
        if (rect === undefined || rect.width === 0 || rect.height === 0) continue;
        const middle = (rect.top + rect.bottom) / 2;
        const line = lines.find(({ top, bottom }) => top < middle && middle < bottom);
        if (line === undefined) lines.push({ top: rect.top, bottom: rect.bottom, text: character });
        else line.text += character;
      }
    }
    return lines.sort((one, other) => one.top - other.top).map(({ text }) => text.trim());
  });
