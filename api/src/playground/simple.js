const [list, query, variables, answer] =
  ['examples', 'query', 'variables', 'answer'].map((id) => document.getElementById(id));

for (const [index, { name }] of examples.entries()) list.add(new Option(name, index));
list.onchange = show;
document.getElementById('run').onclick = run;
document.getElementById('schema').onclick = async () => {
  tell(await (await fetch('/graphql/schema.graphql')).text());
};
document.onkeydown = (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  run();
};
show();
query.focus({ preventScroll: true });
query.setSelectionRange(0, 0);

function show() {
  query.value = examples[list.value].query;
  variables.value = examples[list.value].variables;
}

async function run() {
  answer.textContent = '…';
  try {
    const asked = { query: query.value, variables: JSON.parse(variables.value || '{}') };
    tell(JSON.stringify(await ask(asked), null, 2));
  } catch (error) {
    tell(String(error));
  }
}

// On a telephone the answer stands below what fits.
function tell(text) {
  answer.textContent = text;
  answer.scrollTop = 0;
  answer.scrollIntoView({ block: 'nearest' });
}
