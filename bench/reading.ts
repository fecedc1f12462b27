// What the bench and the preload in a measured bot say to each other. Types only.
export interface Reading {
  /** User and system, of all threads, since the last mark. */
  cpuMs: number
  rssMb: number
  /** The longest since the last mark, as `monitorEventLoopDelay` sees it; 0 where gaps are not watched. */
  gapMs: number
  /** The longest without the time for which other processes had the cores. */
  ownGapMs: number
  /** The most that the main thread worked between two looks of the loop: neither other processes nor the disk are in it. */
  workGapMs: number
  templates: number
  clients: number
}

/** Every question is answered with the reading up to now; a mark then begins a new one. */
export interface Asked {
  id: number
  ask: 'read' | 'mark' | 'markWithGaps'
}

export interface Told {
  id: number
  reading: Reading
}
