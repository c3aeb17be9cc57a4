/** A small blackbox.yml, and what blackbox_exporter 0.28.0 makes of it. */
export type File = {
  readonly name: string;
  readonly text: string;
  /** `7 modules.a.http.method`: the line and key of the mistake that is found first; absent when it is accepted. */
  readonly mistake?: string;
};

/** Files of one kind: a name, a text, and where its mistake is. */
export type Row = readonly [name: string, text: string, mistake?: string];

export function filesOf(rows: readonly Row[], around: (text: string) => string = (text) => text): readonly File[] {
  return rows.map(([name, text, mistake]) => ({
    name,
    text: around(text),
    ...(mistake !== undefined && { mistake }),
  }));
}

/** One module `a` with this stanza, whose keys begin on line 4. */
export function inStanza(stanza: string): (text: string) => string {
  return (text) => `modules:\n  a:\n    ${stanza}:\n${indented(text, 6)}`;
}

export function indented(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(columns) + line))
    .join('\n');
}
