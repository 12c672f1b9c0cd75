import { LoginNotKept, useLogin } from '../api/session';
import { Form } from '../parts/Form';
import { ProblemPanel } from '../parts/ProblemPanel';
import { useWords } from '../words/useWords';
import frame from './Frame.module.css';
import header from './Header.module.css';
import { LanguageSwitch } from './LanguageSwitch';
import styles from './Login.module.css';
import { SchemeSwitch } from './SchemeSwitch';
import { useTitle } from './useTitle';

/** Stands where the page would: whoever logs in is where they wanted to go. */
export function Login() {
  const { t } = useWords();
  const login = useLogin();
  const isNotKept = login.error instanceof LoginNotKept;
  // Said before anybody types a password that others could read on its way.
  const isOverheard = !globalThis.isSecureContext;
  useTitle(t('login.title'));
  const text = (form: FormData, name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  return (
    <>
      <header className={header.header}>
        <span className={header.brand}>smartETL</span>
        <div className={header.tools}>
          <LanguageSwitch />
          <SchemeSwitch />
        </div>
      </header>
      <main className={frame.main}>
        <div className={styles.login}>
          <h1>{t('login.title')}</h1>
          {(isOverheard || isNotKept) && (
            <p className={styles.notice} role="alert">
              {t('login.needsTls')}
            </p>
          )}
          {login.error && !isNotKept && <ProblemPanel error={login.error} />}
          <Form
            act={t('login.act')}
            isBusy={login.isPending}
            submit={(form) => {
              login.mutate({ name: text(form, 'name'), password: text(form, 'password') });
            }}
          >
            <label>
              {t('login.name')}
              <input name="name" autoComplete="username" autoCapitalize="none" required autoFocus />
            </label>
            <label>
              {t('login.password')}
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
          </Form>
        </div>
      </main>
    </>
  );
}
