import { LabIcon } from '@jupyterlab/ui-components';

import archive from '../../../style/icons/archive.svg';
import compare from '../../../style/icons/compare.svg';
import tag from '../../../style/icons/tag.svg';
import unarchive from '../../../style/icons/unarchive.svg';

export const archiveIcon = new LabIcon({ name: 'nbship:archive', svgstr: archive });
export const compareIcon = new LabIcon({ name: 'nbship:compare', svgstr: compare });
export const tagIcon = new LabIcon({ name: 'nbship:tag', svgstr: tag });
export const unarchiveIcon = new LabIcon({ name: 'nbship:unarchive', svgstr: unarchive });
