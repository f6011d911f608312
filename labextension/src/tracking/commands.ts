/** The commands of tracking. */
export namespace TrackCommandIDs {
  export const toggleTracking = 'nbship:toggle-tracking';
  export const trackCell = 'nbship:track-cell';
  export const loadExtension = 'nbship:load-extension';
  export const insertLoad = 'nbship:insert-load-cell';
  export const showPanel = 'nbship:show-track';
  export const startTour = 'nbship:start-tour';
  export const openDoctor = 'nbship:open-doctor';
  export const syncStore = 'nbship:sync-store';
  export const runFileAsStep = 'nbship:run-file-as-step';
  export const compareFile = 'nbship:compare-file-runs';
}
