import { Problem, type ProblemDetails } from './problem';

/** Sends the bytes of a file as they are; `fetch` could not tell how far it is. */
export function sendFile<T>(file: File, lang: string, told: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ name: file.name, lang });
    request.open('POST', `/api/v1/uploads?${query.toString()}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('smartetl-csrf', '1');
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) told(loaded / total);
    });
    request.addEventListener('load', () => {
      const answer = request.response as ProblemDetails | null;
      if (request.status >= 200 && request.status < 300) resolve(answer as T);
      else reject(new Problem(request.status, answer ?? {}));
    });
    request.addEventListener('error', () => {
      reject(new Problem(0, {}));
    });
    request.send(file);
  });
}
