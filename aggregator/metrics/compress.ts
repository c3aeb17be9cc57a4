import { constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress } from 'node:zlib';
import type { Encoding } from './negotiate.ts';

/**
 * Packs what is written to it; `undefined` where nothing is packed. At the least effort: metrics repeat themselves so much
 * that more gains little.
 */
export function packer(encoding: Encoding): Gzip | ZstdCompress | undefined {
  if (encoding === 'identity') return undefined;
  if (encoding === 'gzip') return createGzip({ level: 1 });
  return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}
