// The one place that knows where the package's own shipped files are. src/ and dist/ have the same depth, so it holds built and unbuilt.

/** Folder `templates/` of this package. */
export const TEMPLATES = new URL('../../templates/', import.meta.url)
