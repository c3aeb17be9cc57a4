/** One mistake in what a user wrote. All mistakes are reported at once, each with its place, the value and the remedy. */
export type Mistake = {
  /** `file:line:column` where known, and the key path: `drills[0].fault`. */
  readonly place: string;
  /** What is there, as JSON or source text. */
  readonly got: string;
  /** What would be right. */
  readonly want: string;
};

/** Bad input from a user: usage, a scenario, a file. The command line exits with 2. */
export class Mistakes extends Error {
  readonly mistakes: readonly Mistake[];
  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(describeMistake).join('\n'));
    this.name = 'Mistakes';
    this.mistakes = mistakes;
  }
}

/** One line, whatever line ends and control characters the user's text has. */
export function describeMistake(mistake: Mistake): string {
  return `${mistake.place}: got ${mistake.got}, want ${mistake.want}`.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
