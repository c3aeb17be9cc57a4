/** Where this agent goes and where it does not, whoever asks it to. */

export type TargetLimits = {
  /** Why the agent does not send to this address, one sentence; `undefined` when it does. A literal: names are resolved before. */
  refusal(address: string, port: number): string | undefined;
};
