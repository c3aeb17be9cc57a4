/** Characters as YAML writers see them. */

export function isBreak(character: string | undefined): boolean {
  return character !== undefined && /^[\r\n\x85\u2028\u2029]$/.test(character);
}

/** What is written as itself; nothing beyond the basic plane is. */
export function isPrintable(character: string): boolean {
  return /^[\n\x20-\x7E\xA0-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]$/.test(character);
}
