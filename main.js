// The entry point of apps that leave their own files as they are: see "durableFunctionsMain" in docs/azure.md.
import './dist/worker/main.js';
