// Markdown as elements: marked makes HTML of it, DOMPurify lets through what is on a short list.
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useLayoutEffect, useRef } from "react";

const BELOW = 2; // a heading of the text stands below those of the page
const TAGS =
  "a b blockquote br code del em h3 h4 h5 h6 hr i img li ol p pre strong sub sup table tbody td th thead tr u ul".split(
    " ",
  );
const ATTRIBUTES = ["align", "alt", "href", "src", "start", "title"];
const LINKS = /^(?:https?|mailto):/i;
const PICTURES = /^data:image\/(?:png|gif|jpeg|webp);base64,/i;

const marked = new Marked({
  gfm: true,
  async: false,
  renderer: {
    heading({ tokens, depth }) {
      const level = Math.min(6, depth + BELOW);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

export default function MarkdownElements({ text }: { text: string }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => element.current?.replaceChildren(elementsOf(text)), [text]);
  return <div className="markdown" dir="auto" ref={element} />;
}

/** What may be shown of a text. */
export function elementsOf(text: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(marked.parse(text) as string, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const image of fragment.querySelectorAll("img")) tame(image);
  for (const link of fragment.querySelectorAll("a")) apart(link);
  for (const table of fragment.querySelectorAll("table")) scrolled(table);
  return fragment;
}

/** A picture that is in the text is shown; one of elsewhere would tell its host who reads, so it becomes a link. */
function tame(image: HTMLImageElement): void {
  const source = image.getAttribute("src") ?? "";
  if (PICTURES.test(source)) {
    if (!image.alt) image.alt = "picture";
    return;
  }
  const link = document.createElement("a");
  link.setAttribute("href", source);
  link.textContent = `picture: ${image.alt || source}`;
  if (image.closest("a")) image.replaceWith(link.textContent);
  else image.replaceWith(link);
}

/** A link goes to the web or to mail, in a tab of its own that knows nothing of this one; its target is said. */
function apart(link: HTMLAnchorElement): void {
  const target = link.getAttribute("href") ?? "";
  if (!LINKS.test(target)) {
    link.removeAttribute("href");
    return;
  }
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.title = target;
}

/** A wide table moves by itself; by the keyboard too. */
function scrolled(table: HTMLTableElement): void {
  const around = document.createElement("div");
  around.className = "markdown-table";
  around.tabIndex = 0;
  around.setAttribute("role", "region");
  around.setAttribute("aria-label", "Table");
  table.replaceWith(around);
  around.append(table);
}
