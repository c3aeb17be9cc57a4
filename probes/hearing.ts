/**
 * What comes on a connection, for who has it at the moment. All connections are read into one buffer: what is kept of
 * what was heard has to be copied before the call returns.
 */
export type Hearer = {
  take(bytes: Buffer): void;
  /** The other side has finished. */
  end(): void;
  fail(error: Error): void;
  close(): void;
};

export type Hearing = {
  readonly onread: { readonly buffer: Buffer; readonly callback: (bytes: number) => boolean };
  /** Hears what came while nobody heard, and all from now on. */
  listen(hearer: Hearer): void;
  /** Nobody hears any more; errors pass unheard. */
  leave(): void;
  readonly current: Hearer | undefined;
};

const shared = Buffer.allocUnsafeSlow(65_536);

export function hearing(): Hearing {
  return new OwnHearing();
}

class OwnHearing implements Hearing {
  current: Hearer | undefined;
  /** A copy of what came too early. The other side is read no further until somebody hears it. */
  #early: Buffer | undefined;
  readonly onread = { buffer: shared, callback: (bytes: number): boolean => this.#read(bytes) };

  #read(bytes: number): boolean {
    const heard = shared.subarray(0, bytes);
    if (this.current !== undefined) this.current.take(heard);
    else this.#early = this.#early === undefined ? Buffer.from(heard) : Buffer.concat([this.#early, heard]);
    return this.#early === undefined || this.#early.length < shared.length;
  }
  listen(hearer: Hearer): void {
    this.current = hearer;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) hearer.take(early);
  }
  leave(): void {
    this.current = undefined;
  }
}
