/** What is wrong with a selector, in Prometheus's words: `1:1: parse error: …`, the column in bytes. */
export class SelectorError extends Error {
  constructor(text: string, at: number, message: string) {
    const before = text.slice(0, at);
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1)) + 1;
    super(`${before.split('\n').length}:${column}: parse error: ${message}`);
    this.name = 'SelectorError';
  }
}
