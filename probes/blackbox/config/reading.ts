/** Reading nodes by shapes: one table a stanza says its keys, what is taken when they are absent, and how it is shown. */
import { textOfBytes } from './bytes.ts';
import type { Shown } from './emit.ts';
import { isNull, Unreadable, type YamlNode } from './node.ts';
import { type Resolved, resolve, Unfit } from './scalars.ts';

export type ModuleMistake = {
  /** From 1. */
  readonly line: number;
  /** `modules.web.http.tls_config.min_version`; '' when the text is no YAML. */
  readonly key: string;
  readonly got: string;
  readonly want: string;
};

/** One kind of value. */
export type Shape<T> = {
  /** Before anything was read. */
  readonly zero: T;
  /** Undefined: nothing was read (null, or a mistake that was noted), and what was there before stays. */
  read(node: YamlNode, reading: Reading): T | undefined;
  /** Left out when it is shown. */
  isEmpty(value: T): boolean;
  show(value: T): Shown;
};

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** Aliases may make at most this share of all that is read, once that is over `manyReads`. */
const aliasShare = 0.99;
const manyReads = 1_000;
const manyAliases = 100;

/** One file being read: where it is, and what was wrong so far. */
export class Reading {
  readonly mistakes: ModuleMistake[] = [];
  readonly #path: string[] = [];
  readonly #aliases = new Set<YamlNode>();
  #reads = 0;
  #aliasReads = 0;

  mistake(line: number, got: string, want: string, ...below: readonly string[]): void {
    this.mistakes.push({ line, key: pathOf([...this.#path, ...below]), got, want });
  }

  within<T>(key: string, read: () => T): T {
    this.#path.push(key);
    try {
      return read();
    } finally {
      this.#path.pop();
    }
  }

  /** The node itself, or what an alias stands for while `read` reads it. */
  follow<T>(node: YamlNode, read: (node: Exclude<YamlNode, { kind: 'alias' }>) => T): T {
    this.#reads += 1;
    if (this.#aliases.size > 0) this.#aliasReads += 1;
    if (
      this.#aliasReads > manyAliases &&
      this.#reads > manyReads &&
      this.#aliasReads / this.#reads > aliasShare - 0.89 * Math.min(1, Math.max(0, (this.#reads - 4e5) / 3.6e6))
    ) {
      throw new Unreadable(node.line, 'too much of the document comes from aliases');
    }
    if (node.kind !== 'alias') return read(node);
    if (this.#aliases.has(node))
      throw new Unreadable(node.line, `what the anchor ${node.anchor} names contains itself`);
    this.#aliases.add(node);
    try {
      return this.follow(node.target, read);
    } finally {
      this.#aliases.delete(node);
    }
  }

  /** What a scalar means. Throws `Unreadable` where its tag does not fit. */
  resolved(node: Extract<YamlNode, { kind: 'scalar' }>): Resolved {
    const tag = node.tag === '' && node.quoted ? '!!str' : node.tag;
    try {
      const found = resolve(tag, node.text);
      if (found.tag !== '!!binary') return found;
    } catch (error) {
      if (error instanceof Unfit) throw new Unreadable(node.line, error.message);
      throw error;
    }
    const packed = node.text.replace(/[\r\n]/g, '');
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed)) {
      throw new Unreadable(node.line, 'a !!binary that is no base64');
    }
    return { tag: '!!binary', value: textOfBytes(Buffer.from(packed, 'base64')) };
  }
}

function pathOf(steps: readonly string[]): string {
  return steps.map((step, index) => (index === 0 || step.startsWith('[') ? step : `.${step}`)).join('');
}

export function describeKind(node: YamlNode): string {
  switch (node.kind) {
    case 'alias':
      return describeKind(node.target);
    case 'list':
      return 'a list';
    case 'mapping':
      return 'a mapping';
    case 'scalar':
      return isNull(node) ? 'null' : 'a single value';
  }
}

/** Of a value that is no secret. */
export function describe(node: YamlNode): string {
  if (node.kind === 'alias') return describe(node.target);
  return node.kind === 'scalar' ? JSON.stringify(shortened(node.text)) : describeKind(node);
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The text of a key; undefined for null, which Go's decoder passes over, and for a mistake. */
export function keyOf(node: YamlNode, reading: Reading): string | undefined {
  return reading.follow(node, (key) => {
    if (isNull(key) && key.kind === 'scalar') {
      reading.resolved(key);
      return undefined;
    }
    if (key.kind === 'scalar') {
      const { tag, value } = reading.resolved(key);
      return tag === '!!binary' && typeof value === 'string' ? value : key.text;
    }
    reading.mistake(key.line, describeKind(key), 'a key of text');
    return undefined;
  });
}
