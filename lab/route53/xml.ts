/** As much of XML as Route 53's API needs: elements and text. Attributes are passed over, entities of one's own refused. */

export type XmlNode = { readonly name: string; readonly text: string; readonly children: readonly XmlNode[] };
/** What is written: an element with text, or with elements. Those that are `null` are left out. */
export type Xml = { readonly name: string; readonly content: string | number | boolean | readonly (Xml | null)[] };

export const namespace = 'https://route53.amazonaws.com/doc/2013-04-01/';

const mostDepth = 32;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const token =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(\/?)>|([^<]+)/y;

type Open = { readonly name: string; text: string; readonly children: XmlNode[] };

/** The root element; `undefined` for what is not well-formed, or nested too deeply. */
export function parseXml(source: string): XmlNode | undefined {
  const root: Open = { name: '', text: '', children: [] };
  const stack: Open[] = [root];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const match = token.exec(source);
    const top = stack.at(-1);
    if (match === null || top === undefined || stack.length > mostDepth) return undefined;
    const [, closing, name, , empty, text] = match;
    if (text !== undefined) {
      const plain = unescaped(text);
      if (plain === undefined) return undefined;
      top.text += plain;
    } else if (name === undefined) continue;
    else if (closing === '/') {
      if (top.name !== local(name)) return undefined;
      stack.pop();
      stack.at(-1)?.children.push(top);
    } else if (empty === '/') top.children.push({ name: local(name), text: '', children: [] });
    else stack.push({ name: local(name), text: '', children: [] });
  }
  const only = root.children[0];
  return stack.length === 1 && root.children.length === 1 && root.text.trim() === '' ? only : undefined;
}

export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((child) => child.name === name);
}

/** The text of an element by its path; `null` where it is not there. */
export function textAt(node: XmlNode | undefined, ...path: readonly string[]): string | null {
  return path.reduce<XmlNode | undefined>(childOf, node)?.text.trim() ?? null;
}

export function element(name: string, content: Xml['content']): Xml {
  return { name, content };
}

/** An element, or nothing where there is no value. */
export function optional(name: string, value: string | number | boolean | null): Xml | null {
  return value === null ? null : { name, content: value };
}

/** A whole document, the root in Route 53's namespace. */
export function writeXml(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, ` xmlns="${namespace}"`)}`;
}

function write({ name, content }: Xml, attributes = ''): string {
  const inner = Array.isArray(content)
    ? content.map((child: Xml | null) => (child === null ? '' : write(child))).join('')
    : String(content).replace(/[&<>"]/g, (letter) => escapes[letter] ?? letter);
  return `<${name}${attributes}>${inner}</${name}>`;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function unescaped(text: string): string | undefined {
  let right = true;
  const plain = text.replace(/&([^;\s]{0,10};?)/g, (_all, entity: string) => {
    const known = entityOf(entity);
    if (known === undefined) right = false;
    return known ?? '';
  });
  return right ? plain : undefined;
}

function entityOf(entity: string): string | undefined {
  if (!entity.endsWith(';')) return undefined;
  const name = entity.slice(0, -1);
  if (Object.hasOwn(entities, name)) return entities[name];
  const code = /^#x[0-9a-fA-F]+$/.test(name)
    ? Number(`0${name.slice(1)}`)
    : /^#\d+$/.test(name)
      ? Number(name.slice(1))
      : -1;
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
