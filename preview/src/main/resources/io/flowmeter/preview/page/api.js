// What the server is asked. It is told which panel is wanted, never SQL.

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  } catch (e) {
    if (e.name === 'AbortError') {
      throw e;
    }
    throw new Error('Flowmeter does not answer. Is it still running?');
  }
  const answer = await response.json().catch(() => ({ error: `Flowmeter answered with status ${response.status}.` }));
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}

function post(path, body, signal) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

export const dashboards = () => ask('/api/dashboards');
export const dashboard = (uid) => ask(`/api/dashboards/${encodeURIComponent(uid)}`);
export const panel = (question, signal) => post('/api/panel', question, signal);
export const variable = (question, signal) => post('/api/variable', question, signal);
export const annotation = (question, signal) => post('/api/annotation', question, signal);
