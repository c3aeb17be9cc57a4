/** Where the YAML of Go's reader, an older 1.1, differs from the YAML that our parser reads. */
import { type CST, Parser } from 'yaml';

type Odd = { readonly offset: number; readonly problem: string };

/** What we would read and Go's reader does not: the first such thing, or null. */
export function oddity(tokens: readonly CST.Token[]): Odd | null {
  let versions = 0;
  const found = tokens.slice(0, firstEnd(tokens)).flatMap((token) => {
    if (token.type === 'directive') {
      versions += Number(token.source.startsWith('%YAML'));
      return versions > 1 ? [{ offset: token.offset, problem: 'a second %YAML' }] : directive(token);
    }
    if (token.type === 'doc-end')
      return [{ offset: token.offset, problem: 'the end of a document before its beginning' }];
    return token.type === 'document' && token.value !== undefined ? within(token.value) : [];
  });
  return found.toSorted((a, b) => a.offset - b.offset)[0] ?? null;
}

/** Nothing after the first document is looked at. */
function firstEnd(tokens: readonly CST.Token[]): number {
  const first = tokens.findIndex(({ type }) => type === 'document');
  return first === -1 ? tokens.length : first + 1;
}

function directive({ source, offset }: CST.Directive): readonly Odd[] {
  if (/^%YAML[ \t]+1\.[12](?:[ \t]|$)/.test(source) || /^%TAG[ \t]+!(?:[\w-]*!)?[ \t]+\S+[ \t]*$/.test(source))
    return [];
  return [{ offset, problem: 'a directive that is neither %YAML 1.1 nor %TAG' }];
}

type Nested = { readonly token: CST.Token; readonly inFlow: boolean };

/** Breadth first, as a file may be nested deeper than calls may be. */
function within(root: CST.Token): readonly Odd[] {
  const found: Odd[] = [];
  const open: Nested[] = [{ token: root, inFlow: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token } = next;
    if (token.type === 'scalar' && next.inFlow && /^:|\?/.test(token.source)) {
      found.push({ offset: token.offset, problem: 'a ? or a leading : that is not in quotes, within brackets' });
    }
    if (!('items' in token)) continue;
    const inFlow = next.inFlow || token.type === 'flow-collection';
    for (const item of token.items) {
      if (token.type === 'block-map' && isAskew(item, token.indent)) {
        found.push({ offset: token.offset, problem: 'a : that is not below its ?' });
      }
      const problem = isKeyless(item) ? 'a : without a key before it' : inFlow ? problemInFlow(item) : null;
      if (problem !== null) found.push({ offset: item.key?.offset ?? token.offset, problem });
      for (const inner of [item.key, item.value]) if (inner) open.push({ token: inner, inFlow });
    }
  }
  return found;
}

/** Of a key after a `?` the colon stands at the column of the mapping. */
function isAskew({ start, sep }: CST.CollectionItem, column: number): boolean {
  if (!start.some(({ type }) => type === 'explicit-key-ind')) return false;
  return sep?.some((token) => token.type === 'map-value-ind' && token.indent !== column) ?? false;
}

function isKeyless({ start, key, sep }: CST.CollectionItem): boolean {
  if (key || !sep?.some(({ type }) => type === 'map-value-ind')) return false;
  return !start.some(({ type }) => type === 'explicit-key-ind' || type === 'tag' || type === 'anchor');
}

/** Within brackets a key ends on its line with a colon and a space. */
function problemInFlow({ start, key, sep, value }: CST.CollectionItem): string | null {
  const colon = sep?.findIndex(({ type }) => type === 'map-value-ind') ?? -1;
  if (!key || sep === undefined || colon === -1 || start.some(({ type }) => type === 'explicit-key-ind')) return null;
  const isSplit =
    ('source' in key && key.source.includes('\n')) || sep.slice(0, colon).some(({ type }) => type === 'newline');
  if (isSplit) return 'a key of more than one line';
  const isTight = key.type === 'scalar' && sep.length === 1 && (!value || value.type === 'flow-collection');
  return isTight ? 'a : without a space after it' : null;
}

/** Repaired this often at most: each time costs a reading of the whole. */
const mostRepairs = 100;

/**
 * The text with the lines of quoted texts and of brackets indented, as far as our parser wants them to be and Go's does
 * not: the white that such lines begin with means nothing.
 */
export function withIndents(text: string): string {
  let repaired = text;
  for (let count = 0; count < mostRepairs; count += 1) {
    const start = cutShort([...new Parser().parse(repaired)]);
    if (start === null) return repaired;
    const rest = repaired.slice(start);
    const length = spanOf(rest);
    const span = rest.slice(0, length);
    if (length === 0 || /\n(?:---|\.\.\.)(?:\s|$)/.test(span)) return repaired;
    const column = start - repaired.lastIndexOf('\n', start) + 1;
    const indented = span.replace(/\n[ \t]*(?=\S)/g, `\n${' '.repeat(column)}`);
    if (indented === span) return repaired;
    repaired = `${repaired.slice(0, start)}${indented}${rest.slice(length)}`;
  }
  return repaired;
}

/** A quoted text, a comment, a bracket, or what stands between them; quotes within a word are no quotes. */
const lexeme = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^']|'')*'|[[{]|[\]}]|[,:\s]+(?:#.*)?|[^[\]{},\s]+/y;

/** How long the quoted text or the brackets are that this begins with; 0 when they do not end. */
function spanOf(text: string): number {
  let levels = 0;
  lexeme.lastIndex = 0;
  for (let found = lexeme.exec(text); found !== null; found = lexeme.exec(text)) {
    if (/^[[{]$/.test(found[0])) levels += 1;
    if (/^[\]}]$/.test(found[0])) levels -= 1;
    if (levels <= 0) return lexeme.lastIndex;
  }
  return 0;
}

/** Where the first quoted text begins, or the first bracket, whose end our parser did not find. */
function cutShort(tokens: readonly CST.Token[]): number | null {
  const open = tokens.slice(0, firstEnd(tokens)).toReversed();
  for (let token = open.pop(); token !== undefined; token = open.pop()) {
    if (token.type === 'document' && token.value !== undefined) open.push(token.value);
    if (isCutShort(token)) return token.offset;
    if (!('items' in token)) continue;
    for (const { key, value } of token.items.toReversed()) {
      for (const inner of [value, key]) if (inner) open.push(inner);
    }
  }
  return null;
}

function isCutShort(token: CST.Token): boolean {
  if (token.type === 'flow-collection') return !token.end.some(({ source }) => source === ']' || source === '}');
  if (token.type !== 'double-quoted-scalar' && token.type !== 'single-quoted-scalar') return false;
  return token.source.length < 2 || !token.source.endsWith(token.source[0] ?? '');
}
