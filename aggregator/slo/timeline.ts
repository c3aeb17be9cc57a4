/**
 * Cells in the order of time, and what comes of folding them up to any moment: from the last checkpoint on. So a window
 * costs two short walks, however long it is, and a cell that changes costs the checkpoints after it.
 */
export type Timed = { readonly atMs: number; readonly widthMs: number };

export type Fold<C extends Timed, S> = {
  start(): S;
  copy(state: S): S;
  /** Adds the cell to the state. */
  step(state: S, cell: C): void;
};

export type Timeline<C extends Timed, S> = {
  /** Puts the cell in the place of the one of its time and width. */
  set(cell: C): void;
  remove(atMs: number, widthMs: number): void;
  get(atMs: number, widthMs: number): C | undefined;
  /** The fold of all cells that begin before `ms`. The caller may change it. */
  through(ms: number): S;
  /**
   * The start of the cell that `ms` lies in, of the earliest such one that is wider than that; `ms` itself where there
   * is none.
   */
  edge(ms: number, widerThanMs?: number): number;
  between(fromMs: number, toMs: number): readonly C[];
  /** The first and the last of those. */
  ends(fromMs: number, toMs: number): readonly [C | undefined, C | undefined];
  /** What the fold makes of cells from that moment on has changed. */
  changedFrom(ms: number): void;
  /** Forgets cells that end before. Sums from an earlier moment on are wrong after it. */
  forget(beforeMs: number): void;
};

const cellsPerCheckpoint = 32;
/** No cell is wider: how far back one that reaches over a moment can begin. */
const widestMs = 3_600_000;

export function timeline<C extends Timed, S>(fold: Fold<C, S>): Timeline<C, S> {
  let cells: C[] = [];
  /** `checkpoints[i]` is the fold of the first `i * cellsPerCheckpoint` cells. */
  let checkpoints: S[] = [fold.start()];

  /** The index of the first cell that is not before. Wider cells come first where they begin together. */
  function indexOf(atMs: number, widthMs: number): number {
    let low = 0;
    let high = cells.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const cell = cells[middle] as C;
      if (cell.atMs < atMs || (cell.atMs === atMs && cell.widthMs > widthMs)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function changed(index: number): void {
    const whole = Math.floor(index / cellsPerCheckpoint) + 1;
    if (checkpoints.length > whole) checkpoints.length = whole;
  }

  function walk(state: S, from: number, to: number): S {
    for (let index = from; index < to; index += 1) fold.step(state, cells[index] as C);
    return state;
  }

  function foldedTo(index: number): S {
    const wanted = Math.floor(index / cellsPerCheckpoint);
    for (let next = checkpoints.length; next <= wanted; next += 1) {
      const from = (next - 1) * cellsPerCheckpoint;
      checkpoints.push(walk(fold.copy(checkpoints[next - 1] as S), from, from + cellsPerCheckpoint));
    }
    return walk(fold.copy(checkpoints[wanted] as S), wanted * cellsPerCheckpoint, index);
  }

  function isAt(index: number, atMs: number, widthMs: number): boolean {
    return cells[index]?.atMs === atMs && cells[index]?.widthMs === widthMs;
  }

  return {
    set(cell) {
      const index = indexOf(cell.atMs, cell.widthMs);
      cells.splice(index, isAt(index, cell.atMs, cell.widthMs) ? 1 : 0, cell);
      changed(index);
    },
    remove(atMs, widthMs) {
      const index = indexOf(atMs, widthMs);
      if (!isAt(index, atMs, widthMs)) return;
      cells.splice(index, 1);
      changed(index);
    },
    get(atMs, widthMs) {
      const index = indexOf(atMs, widthMs);
      return isAt(index, atMs, widthMs) ? cells[index] : undefined;
    },
    through: (ms) => foldedTo(indexOf(ms, Number.POSITIVE_INFINITY)),
    edge(ms, widerThanMs = 0) {
      let earliestMs = ms;
      for (let index = indexOf(ms, Number.POSITIVE_INFINITY) - 1; index >= 0; index -= 1) {
        const cell = cells[index] as C;
        if (cell.atMs <= ms - widestMs) break;
        if (cell.widthMs > widerThanMs && cell.atMs + cell.widthMs > ms) earliestMs = cell.atMs;
      }
      return earliestMs;
    },
    between: (fromMs, toMs) =>
      cells.slice(indexOf(fromMs, Number.POSITIVE_INFINITY), indexOf(toMs, Number.POSITIVE_INFINITY)),
    ends(fromMs, toMs) {
      const [from, to] = [indexOf(fromMs, Number.POSITIVE_INFINITY), indexOf(toMs, Number.POSITIVE_INFINITY)];
      return from < to ? [cells[from], cells[to - 1]] : [undefined, undefined];
    },
    changedFrom: (ms) => changed(indexOf(ms, Number.POSITIVE_INFINITY)),
    forget(beforeMs) {
      const kept = cells.findIndex((cell) => cell.atMs + cell.widthMs > beforeMs);
      const gone = kept === -1 ? cells.length : kept;
      // Not for a few: every checkpoint has to be made anew.
      if (gone < cellsPerCheckpoint) return;
      cells = cells.slice(gone);
      checkpoints = [fold.start()];
    },
  };
}
