import { Outlet } from '@tanstack/react-router';
import { useUndoKey } from '../acts/useUndoKey';
import { useWords } from '../words/useWords';
import { AwayBand } from './AwayBand';
import { DemoBand } from './DemoBand';
import { Footer } from './Footer';
import styles from './Frame.module.css';
import { Header } from './Header';
import { Toasts } from './Toasts';
import { TroubleBand } from './TroubleBand';
import { UnmappedBand } from './UnmappedBand';
import { useLive } from './useLive';
import { useRowKeys } from './useRowKeys';

export function Pages() {
  const { t } = useWords();
  useRowKeys();
  useUndoKey();
  useLive();
  return (
    <>
      <a href="#page" className={styles.skip}>
        {t('nav.skip')}
      </a>
      <Header />
      <AwayBand />
      <DemoBand />
      <TroubleBand />
      <UnmappedBand />
      <main id="page" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Footer />
      <Toasts />
    </>
  );
}
