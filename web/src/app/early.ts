import { noop, type QueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { aboutQuery } from '../api/about';
import { issuesFilter, issuesQuery } from '../api/issues';
import { jobQuery, jobRunsQuery, type JobName } from '../api/job';
import { heatmapQuery, nightMeant, nightQuery, timelineQuery } from '../api/night';
import { langOfTag } from '../format/lang';
import type { IssuesSearch } from './search';

// What the pages that are opened first ask for, while their code is on its way and the frame is drawn. They ask for the same
// themselves: what fails here is asked for again there, and told.

type Client = QueryClient | undefined;

const langNow = () => langOfTag(i18next.language) ?? 'en';

function early(client: Client, asking: (client: QueryClient) => Promise<unknown>) {
  if (client !== undefined) asking(client).catch(noop);
}

/** A night, then what it is drawn with. */
export function askNight(client: Client, search: { day?: string; environment?: string }) {
  early(client, async (client) => {
    const lang = langNow();
    const about = await client.query(aboutQuery(lang));
    const of = search.environment ?? about.environment;
    if (!of) return;
    const night = await client.query(nightQuery(of, nightMeant(search, about), lang));
    await Promise.all([
      client.query(timelineQuery(night.environment, night.business_day)),
      client.query(heatmapQuery(night.environment, night.business_day)),
    ]);
  });
}

export function askJob(client: Client, name: JobName) {
  early(client, async (client) => {
    const lang = langNow();
    const { jobs } = await client.query(jobQuery(name, lang));
    const [only, other] = jobs;
    if (only && !other) await client.query(jobRunsQuery(name, undefined, lang));
  });
}

/** Whose issues are meant decides who looks: that is left to the page. */
export function askIssues(client: Client, search: IssuesSearch & { environment?: string }) {
  if (search.assignee === 'me') return;
  early(client, async (client) => {
    const lang = langNow();
    const about = await client.query(aboutQuery(lang));
    const of = search.environment ?? about.environment;
    if (of) await client.infiniteQuery(issuesQuery(issuesFilter(of, search, undefined), lang));
  });
}
