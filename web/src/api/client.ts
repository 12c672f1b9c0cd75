import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';

/** Shapes of the API, by their names in its document. */
export type Schemas = components['schemas'];

/** Lists can also be had as files: those are links. */
export const client = createClient<paths, 'application/json'>({
  querySerializer: { array: { style: 'form', explode: false } },
});

/** Shows strangers the form by which they log in. */
const DOOR = '/';

/** The answer, or a `Problem` thrown: what the API says, or that nobody answered. */
export async function ask<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, {});
  }
  const { data, error, response } = answer;
  if (response.ok && data !== undefined) return data;
  if (response.status === 401) window.location.assign(DOOR);
  throw new Problem(response.status, typeof error === 'object' && error !== null ? error : {});
}
