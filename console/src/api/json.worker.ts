// Parses one JSON text apart from the page.

self.onmessage = (event: MessageEvent<string>) => {
  try {
    self.postMessage({ value: JSON.parse(event.data) as unknown });
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
