import type { Schemas } from '../../api/client';
import type { IssueAnswer } from '../../api/issues';

/** The chosen signatures; all of them are not named, since some must stay where they are: the problem falls apart then. */
export function splitAsked(signatures: IssueAnswer['signatures'], chosen: readonly string[]): Schemas['SplitAsked'] {
  const named = signatures.map(({ signature }) => signature).filter((signature) => chosen.includes(signature));
  return named.length === signatures.length ? {} : { signatures: named };
}
