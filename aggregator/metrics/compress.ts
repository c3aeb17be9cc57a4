import { Readable } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { Encoding } from './negotiate.ts';

type Pieces = AsyncGenerator<string | Uint8Array, void, undefined>;

/** The pieces as they are, or packed: at the least effort, metrics repeat themselves so much that more gains little. */
export function packed(pieces: Pieces, encoding: Encoding): Pieces {
  return encoding === 'identity' ? pieces : packing(pieces, encoding);
}

async function* packing(pieces: Pieces, encoding: 'gzip' | 'zstd'): Pieces {
  const packer =
    encoding === 'gzip'
      ? createGzip({ level: 1 })
      : createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const source = Readable.from(pieces, { objectMode: true });
  source.on('error', (error) => packer.destroy(error));
  source.pipe(packer);
  try {
    for await (const chunk of packer) yield chunk as Uint8Array;
  } finally {
    source.destroy();
    packer.destroy();
  }
}
