import type { components } from './schema';

/** What the API says about a request that it cannot answer (RFC 9457); a proxy before it may say less, or nothing. */
export type ProblemDetails = Partial<components['schemas']['ProblemDetails']>;

/** A request that was answered by a problem, or not at all (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly details: ProblemDetails;

  constructor(status: number, details: ProblemDetails) {
    super(details.detail ?? details.title ?? `HTTP ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.details = details;
  }

  get isUnreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }

  /** Nobody is logged in; that a password is wrong is something else. */
  get isStranger(): boolean {
    return this.status === 401 && this.details.code !== 'login_failed';
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
}
