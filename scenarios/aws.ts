/** A region's services in AWS, and whom they are asked and changed as. */
export type AwsPlan = {
  /** AWS's name of it: `us-east-1`. */
  readonly region: string;
  /** The ARN of a role to assume; `null`: as whoever runs the program. */
  readonly role: string | null;
  readonly ecs: { readonly cluster: string; readonly services: readonly string[] } | null;
  /** The ARN of the role that a schedule acts as, to mend when nobody else does; `null`: there is none. */
  readonly undoRole: string | null;
};
