/** Why an operation is not done, by the name that AWS gives it. */
export class AwsRefusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly form: 'json' | 'xml';
  constructor(code: string, message: string, status = 400, form: 'json' | 'xml' = 'json') {
    super(message);
    this.name = 'AwsRefusal';
    this.code = code;
    this.status = status;
    this.form = form;
  }
}
