const simple = React.createElement('a', { href: '/graphql/simple', title: 'A small page without GraphiQL' }, 'Simple page');
const playground = React.createElement(
  GraphiQL,
  {
    fetcher: (params, options) => ask(params, options?.headers),
    defaultTabs: examples.map(({ query, variables }) => ({ query, variables })),
    defaultEditorToolsVisibility: 'variables',
  },
  React.createElement(GraphiQL.Logo, null, simple),
);
const place = document.getElementById('graphiql');

// The editor comes some time after the page; from then on the keys go to it.
const waiting = new MutationObserver(() => {
  const editor = place.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror;
  if (!editor) return;
  waiting.disconnect();
  editor.focus();
});
waiting.observe(place, { childList: true, subtree: true });

// GraphiQL takes Ctrl-Enter in its editors alone; after a click on a tab, say, none of them has the keys.
document.addEventListener('keydown', (event) => {
  const wanted = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
  if (wanted && !event.defaultPrevented) place.querySelector('.graphiql-execute-button')?.click();
});

ReactDOM.createRoot(place).render(playground);
