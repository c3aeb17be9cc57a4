const points = 24;
const { nodes, weights } = legendre(points);

/** The integral of a smooth function, by Gauss and Legendre's rule of 24 points. */
export function quadrature(of: (x: number) => number, from: number, to: number): number {
  const half = (to - from) / 2;
  const middle = (from + to) / 2;
  let sum = 0;
  for (let index = 0; index < points; index += 1) {
    sum += (weights[index] as number) * of(middle + half * (nodes[index] as number));
  }
  return sum * half;
}

/** The zeros of the Legendre polynomial of this degree, by Newton's method, and the weights that belong to them. */
function legendre(degree: number): { readonly nodes: Float64Array; readonly weights: Float64Array } {
  const found = { nodes: new Float64Array(degree), weights: new Float64Array(degree) };
  for (let index = 0; index < degree; index += 1) {
    let x = Math.cos((Math.PI * (index + 0.75)) / (degree + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step += 1) {
      let [before, value] = [1, x];
      for (let k = 2; k <= degree; k += 1) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = (degree * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    found.nodes[index] = x;
    found.weights[index] = 2 / ((1 - x * x) * slope * slope);
  }
  return found;
}
