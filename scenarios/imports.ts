/** Files of OpenSLO and Sloth whose SLOs are objectives of a scenario, as users write it. */
export type ImportsSource = {
  /** Files of OpenSLO v1 and of Sloth (`prometheus/v1`), beside the scenario. */
  readonly imports?: readonly (
    | string
    | {
        /** Files that refer to each other are named together. */
        readonly from: string | readonly string[];
        /** Where a file says none. `30d` for Sloth by default. */
        readonly window?: string;
        /** Whose results stand for queries over metrics that are not ours. */
        readonly check?: string;
        /** By the name of the SLO: keys of an objective, instead of what its file says. */
        readonly as?: { readonly [name: string]: { readonly [key: string]: unknown } };
        /** Names of SLOs that are not wanted. */
        readonly skip?: readonly string[];
      }
  )[];
};
