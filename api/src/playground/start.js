const examples = /* examples */ [];

async function fetcher(params, options) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...options?.headers,
    },
    body: JSON.stringify(params),
  });
  return response.json();
}

const playground = React.createElement(GraphiQL, {
  fetcher,
  defaultTabs: examples.map(({ query, variables }) => ({ query, variables })),
  defaultEditorToolsVisibility: 'variables',
});
ReactDOM.createRoot(document.getElementById('graphiql')).render(playground);
