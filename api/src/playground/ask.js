// What both pages share: the examples, and how the shop is asked.
const examples = /* examples */ [];

// The newest position that this page was given. An `atLeast` that is null becomes it, so that what was written in one
// tab is read in another without copying.
let newest = null;

async function ask({ variables, ...params }, headers = {}) {
  const atLeast = variables?.atLeast === null ? { atLeast: newest } : {};
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ ...params, variables: { ...variables, ...atLeast } }),
  });
  const answer = await response.json();
  for (const field of Object.values(answer.data ?? {})) newest = field?.position ?? newest;
  // The shop has another log by now.
  if (answer.errors?.some(({ extensions }) => extensions?.code === 'BAD_POSITION')) newest = null;
  return answer;
}
