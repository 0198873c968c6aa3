// The one place that knows where the package's own shipped files are. src/ and dist/ have the same depth, so it holds built and unbuilt.

/** Root of the package. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url)

/** Folder `templates/` of this package. */
export const TEMPLATES = new URL('templates/', PACKAGE_ROOT)
