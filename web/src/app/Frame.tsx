import { Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AwayBand } from './AwayBand';
import { DemoBand } from './DemoBand';
import { Footer } from './Footer';
import styles from './Frame.module.css';
import { Header } from './Header';
import { TroubleBand } from './TroubleBand';
import { UnmappedBand } from './UnmappedBand';
import { useLive } from './useLive';
import { useRowKeys } from './useRowKeys';

export function Frame() {
  const { t } = useTranslation();
  useRowKeys();
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
    </>
  );
}
