/** Says something once for each of its kind, and no more than so many kinds: what strangers send fills no log. */
const most = 256;

export function onceFor(say: (facts: object, message: string) => void): (facts: object, message: string) => void {
  const said = new Set<string>();
  return (facts, message) => {
    const kind = JSON.stringify([message, facts]);
    if (said.has(kind) || said.size >= most) return;
    said.add(kind);
    say(facts, message);
  };
}
