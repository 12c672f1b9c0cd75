import { expect, it } from 'vitest';
import type { Task, Upload } from '../../api/uploads';
import { uploadTold } from './uploadTold';

const foreign = { recognised: null, proposal: {}, upload: { source: null } } as Upload;
const known = { ...foreign, recognised: { name: 'talend' }, proposal: null } as Upload;
const key = (answer: Upload, task?: Partial<Task>) => uploadTold(answer, task as Task | undefined).key;

it('a file is told as what it is until it is loaded', () => {
  expect(key(known)).toBe('readAs');
  expect(key(foreign)).toBe('unknown');
  expect(key({ ...foreign, proposal: null })).toBe('unreadable');
});

it('then what came of that is told, however it was read', () => {
  expect(key(foreign, { state: 'waiting' })).toBe('loading');
  expect(key(foreign, { state: 'running' })).toBe('loading');
  expect(key(foreign, { state: 'done', loaded: null })).toBe('loaded');
  expect(key(known, { state: 'done', loaded: { nothing_new: true } as Task['loaded'] })).toBe('nothingNew');
  expect(uploadTold(known, { state: 'failed' } as Task)).toEqual({ tone: 'bad', key: 'notLoaded' });
});

it('one that was loaded before is no longer only recognised', () => {
  expect(key({ ...known, upload: { ...known.upload, source: 3 } })).toBe('loaded');
});
