/** The way in: from recorded facts to when each stage of a failover and of a failback happened. */
export { type EntryHistory, historiesOf } from './timeline/entry.ts';
