/** The way in: a drill's report as a page of its own, and as text for a pull request. */
export { reportHtml } from './report/html.ts';
export { loadHead, loadRows } from './report/load.ts';
export { reportMarkdown } from './report/markdown.ts';
