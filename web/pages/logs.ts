const at = (moment: number) => new Date(moment).toLocaleString('sv-SE', { timeZone: 'Europe/Paris' });

/** What tStatCatcher writes of a run that fails after a minute. */
export function failedRun(job: string, from: number): string {
  const row = (moment: number, told: string) => `${at(moment)};p1;p1;p1;1;SALES;${job};_id;0.1;Prod;;${told}\n`;
  const columns =
    'moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;message_type;message;duration\n';
  return columns + row(from, 'begin;;') + row(from + 60_000, 'end;failure;60000');
}

/** What tLogCatcher writes of the error of such a run. */
export function itsError(job: string, from: number, message: string): string {
  const columns = 'moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n';
  const quoted = `"${message.replaceAll('"', '""')}"`;
  return `${columns}${at(from + 50_000)};p1;p1;p1;SALES;${job};Prod;6;Java Exception;tDBInput_1;${quoted};1\n`;
}
