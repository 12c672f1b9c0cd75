import { useParams } from '@tanstack/react-router';
import { useUploaded } from '../../api/uploads';
import { Answer } from '../../parts/Answer';
import { UploadView } from './UploadView';

export function UploadPage() {
  const { upload } = useParams({ from: '/sources/uploads/$upload' });
  const uploaded = useUploaded(upload);
  return (
    <Answer query={uploaded} lines={14} height={700} isPage>
      {(data) => <UploadView key={upload} answer={data} />}
    </Answer>
  );
}
