import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';

/** Shapes of the API, by their names in its document. */
export type Schemas = components['schemas'];

/** Lists can also be had as files: those are links. */
export const client = createClient<paths, 'application/json'>({
  // Whatever changes something says that it comes from a page of smartETL.
  headers: { 'smartetl-csrf': '1' },
  querySerializer: { array: { style: 'form', explode: false } },
});

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer, or a `Problem` thrown: what the API says, or that nobody answered. */
export async function ask<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await answered(asked);
  if (response.ok && data !== undefined) return data;
  throw refused(response, error);
}

/** The same of what is answered by nothing: it is done. */
export async function done(asked: Promise<Answered<unknown>>): Promise<void> {
  const { error, response } = await answered(asked);
  if (!response.ok) throw refused(response, error);
}

async function answered<T>(asked: Promise<Answered<T>>): Promise<Answered<T>> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, {});
  }
}

const refused = ({ status }: Response, error: unknown) =>
  new Problem(status, typeof error === 'object' && error !== null ? error : {});
