import { createHash } from 'node:crypto';

/** Text made safe for HTML. The only way to make one is `html` or `raw`. */
export type Html = { readonly html: string };

/** Everything put in is escaped, unless it is `Html` already; lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return { html: parts.reduce((text, part, index) => text + textOf(values[index - 1]) + part) };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (typeof value === 'object' && value !== null && 'html' in value) return String(value.html);
  return String(value ?? '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** For our own constant texts alone. */
export function raw(text: string): Html {
  return { html: text };
}

/** How a content security policy names an inline script or style. */
export function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
