import { useNewToken, useRevoke, useTokens } from '../../api/access';
import { Answer } from '../../parts/Answer';
import { ErrorText } from '../../parts/ErrorText';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { Moment } from '../../parts/Moment';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { NewTokenForm } from './NewTokenForm';

/** Programs that may use the service; a new token is shown once. */
export function TokensPart() {
  const { t } = useWords();
  const word = useWord();
  const tokens = useTokens();
  const made = useNewToken();
  const revoke = useRevoke();
  const error = made.error ?? revoke.error;
  const add = (
    <FormButton label={t('settings.newToken')} isBusy={made.isPending}>
      {(close) => (
        <NewTokenForm
          make={(body) => {
            made.mutate(body);
            close();
          }}
        />
      )}
    </FormButton>
  );
  return (
    <Section title={t('settings.tokens')} aside={add}>
      {error && <ProblemPanel error={error} />}
      {made.data && (
        <div role="alert">
          <p>{t('settings.tokenOnce')}</p>
          <ErrorText text={made.data.token} canCopy />
        </div>
      )}
      <Answer query={tokens} lines={6} height={240}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={table.sub}>{t('settings.noToken')}</p>
          ) : (
            <div className={table.wide}>
              <table className={`${table.table} ${table.dense}`}>
                <thead>
                  <tr>
                    <th>{t('login.name')}</th>
                    <th>{t('settings.scopes')}</th>
                    <th className={table.secondary}>{t('settings.made')}</th>
                    <th className={table.secondary}>{t('settings.expires')}</th>
                    <th>
                      <span className="hidden">{t('acts.label')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ name, scopes, made_at, made_by, expires_at }) => (
                    <tr key={name}>
                      <td className={table.name}>{name}</td>
                      <td>{scopes.map((scope) => word('scope', scope)).join(', ')}</td>
                      <td className={table.secondary}>
                        <Moment at={made_at} /> <span className={table.sub}>{made_by}</span>
                      </td>
                      <td className={table.secondary}>
                        {expires_at === null ? t('settings.never') : <Moment at={expires_at} />}
                      </td>
                      <td className={table.number}>
                        <FormButton label={t('settings.revoke')} isBusy={revoke.isPending} isQuiet>
                          {(close) => (
                            <Form
                              act={t('settings.revoke')}
                              submit={() => {
                                revoke.mutate(name);
                                close();
                              }}
                            >
                              <p>{t('settings.revokeWhat', { name })}</p>
                            </Form>
                          )}
                        </FormButton>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </Section>
  );
}
