import { bundle } from './bench/agent/own.ts'; console.log(await bundle('/tmp/core-bundle'));
