/**
 * Takes one out of those that are under way, in the order in which they began; what ends is mostly among the first.
 *
 * They are in an array and not in a `Set`: the tables of a `Set` through which much passes are linked, each to the next,
 * so that one that has grown old keeps all later ones, and what was in them, until the whole heap is collected.
 */
export function takeOut<T>(underWay: T[], one: T): void {
  const index = underWay.indexOf(one);
  if (index === 0) underWay.shift();
  else if (index > 0) underWay.splice(index, 1);
}
