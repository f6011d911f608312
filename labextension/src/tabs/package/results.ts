import type { ServedModel } from '../../shipping/words';

/** A layer of an image, as `nbship package --json` tells it. */
export interface ILayer {
  name: string;
  digest: string;
  size_bytes: number;
  cached: boolean;
}

/** An image, as far as it is shown. */
export interface IImage {
  reference: string;
  digest: string;
  platform: string;
  base: string;
  layers: ILayer[];
  archive: string;
  pushed: string;
  loaded: boolean;
  verified: boolean | null;
  size_bytes: number;
  added_bytes: number;
  smoke: { where: string };
  notes: string[];
}

/** Return what a job of packaging has printed; null while it is nothing of the kind. */
export function asImage(result: unknown): IImage | null {
  const found = result as Partial<IImage> | null;
  return found && Array.isArray(found.layers) && typeof found.reference === 'string'
    ? (found as IImage)
    : null;
}

/** Return what a job of serving has printed; null while it is nothing of the kind. */
export function asService(result: unknown): ServedModel | null {
  const found = result as Partial<ServedModel> | null;
  return found && typeof found.endpoint === 'string' && typeof found.name === 'string'
    ? (found as ServedModel)
    : null;
}
